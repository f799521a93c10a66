"""All that the console knows: findings, hits and their activity, fed from Kafka."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streams.console.activity import Activity
from streams.console.feed import TopicFeed
from streams.console.finding import Finding, finding_of
from streams.console.findings import Findings
from streams.console.hits import Hits
from streams.console.settings import ConsoleInputs
from streams.events.hit import TypoHit, decode_hit_or_tick
from streams.kafka.topics.names import topic_names

TICK_SECONDS = 0.25
AT_ONCE = 1_000
"""Records taken in before others get their turn: about 20 ms."""


def read_hit(value: bytes) -> tuple[TypoHit, bytes] | None:
    """A hit and its bytes; None for a tick. Raises UnreadableRecord."""
    hit = decode_hit_or_tick(value)
    return (hit, value) if isinstance(hit, TypoHit) else None


class ConsoleStore:
    """Changed by its own task alone, on the event loop; whoever waits for `changed` is told at most four times a
    second.

    `epoch` tells this process from the one before, whose version numbers mean nothing here.
    """

    def __init__(self, inputs: ConsoleInputs) -> None:
        names = topic_names(inputs.kafka)
        self.epoch = uuid.uuid4().hex[:8]
        self.findings = Findings(inputs.own.findings)
        self.hits = Hits(inputs.own.hits)
        self.activity = Activity()
        self.mails = 0
        self.changed = asyncio.Condition()
        self.inputs = inputs
        self._alerts: TopicFeed[Finding] = TopicFeed(inputs.kafka, names.alerts, finding_of)
        self._hits: TopicFeed[tuple[TypoHit, bytes]] = TopicFeed(inputs.kafka, names.typo_hits, read_hit)

    @property
    def problem(self) -> str:
        """Why nothing new comes from Kafka; empty where all is well."""
        return self._alerts.problem or self._hits.problem

    @property
    def unreadable(self) -> int:
        """Records that were passed over."""
        return self._alerts.unreadable + self._hits.unreadable

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Read as long as the block lasts."""
        feeds = (self._alerts, self._hits)
        for feed in feeds:
            feed.start()
        task = asyncio.create_task(self._take_in())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(*(asyncio.to_thread(feed.stop) for feed in feeds))

    async def _take_in(self) -> None:
        known = (0, 0, "")
        while True:
            full = self.take()
            now = (self.findings.version, self.mails, self.problem)
            if now != known:
                known = now
                async with self.changed:
                    self.changed.notify_all()
            await asyncio.sleep(0 if full else TICK_SECONDS)

    def take(self) -> bool:
        """Take in what was read, at most AT_ONCE of each topic; True where there may be more."""
        findings, hits = self._alerts.take(AT_ONCE), self._hits.take(AT_ONCE)
        for finding in findings:
            self.findings.put(finding)
        for hit, value in hits:
            if self.hits.put(hit, value):
                self.activity.count(hit)
                self.mails += 1
        return len(findings) == AT_ONCE or len(hits) == AT_ONCE
