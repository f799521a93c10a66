"""The console's data: findings, people's decisions, hits and their activity, read from Kafka."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streams.console.activity import Activity
from streams.console.feed import TopicFeed
from streams.console.finding_index import FindingIndex
from streams.console.hit_index import HitIndex
from streams.console.settings import ConsoleInputs
from streams.console.stored_finding import StoredFinding, finding_of
from streams.events.hit import TypoHit, decode_hit_or_tick
from streams.kafka.topics.names import topic_names
from streams.triage.decision import TriageDecision, read_decision

TICK_SECONDS = 0.25
AT_ONCE = 1_000
"""Records stored before other tasks of the event loop get their turn: about 20 ms."""


def read_hit(value: bytes) -> tuple[TypoHit, bytes] | None:
    """A hit and its bytes; None for a watermark message. Raises UnreadableRecord."""
    hit = decode_hit_or_tick(value)
    return (hit, value) if isinstance(hit, TypoHit) else None


class ConsoleStore:
    """Findings, hits and activity, changed only by the store's own task on the event loop. `changed` is notified at
    most four times a second.

    `epoch` identifies this process: version numbers of an earlier one mean nothing here. `mails` counts mails to
    mistaken domains, without those that the gate stopped.
    """

    def __init__(self, inputs: ConsoleInputs) -> None:
        names = topic_names(inputs.kafka)
        self.epoch = uuid.uuid4().hex[:8]
        self.findings = FindingIndex(inputs.own.findings)
        self.hits = HitIndex(inputs.own.hits)
        self.activity = Activity()
        self.mails = 0
        self.changed = asyncio.Condition()
        self.inputs = inputs
        self._alerts: TopicFeed[StoredFinding] = TopicFeed(inputs.kafka, names.alerts, finding_of)
        self._decisions: TopicFeed[TriageDecision] = TopicFeed(inputs.kafka, names.triage, read_decision)
        self._hits: TopicFeed[tuple[TypoHit, bytes]] = TopicFeed(inputs.kafka, names.typo_hits, read_hit)

    @property
    def problem(self) -> str:
        """One sentence: why nothing new is read from Kafka; empty while Kafka answers."""
        return self._alerts.problem or self._hits.problem

    @property
    def unreadable(self) -> int:
        """Records that were skipped because they can't be decoded."""
        return self._alerts.unreadable + self._hits.unreadable + self._decisions.unreadable

    @property
    def triage_problem(self) -> str:
        """One sentence: why no decision can be read or stored; empty while there is mail.triage."""
        return self._decisions.problem

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Read from Kafka for as long as the block lasts."""
        feeds = (self._alerts, self._hits, self._decisions)
        for feed in feeds:
            feed.start()
        task = asyncio.create_task(self._keep_taking())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(*(asyncio.to_thread(feed.stop) for feed in feeds))

    async def _keep_taking(self) -> None:
        last = (0, 0, "")
        while True:
            full = self.take()
            now = (self.findings.version, self.mails, self.problem)
            if now != last:
                last = now
                await self.notify()
            await asyncio.sleep(0 if full else TICK_SECONDS)

    async def notify(self) -> None:
        """Wake up whoever waits for a change."""
        async with self.changed:
            self.changed.notify_all()

    def take(self) -> bool:
        """Store what was read, at most AT_ONCE records of each topic; True where there may be more."""
        findings, hits = self._alerts.take(AT_ONCE), self._hits.take(AT_ONCE)
        decisions = self._decisions.take(AT_ONCE)
        for decision in decisions:
            self.findings.decide(decision)
        for finding in findings:
            self.findings.put(finding)
        for hit, value in hits:
            if self.hits.put(hit, value) and hit.asked is None:
                self.activity.count(hit)
                self.mails += 1
        return AT_ONCE in (len(findings), len(hits), len(decisions))
