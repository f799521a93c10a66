"""Looks up the facts of mistaken domains, behind a cache, and never keeps a batch waiting for long."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Sequence

from streams import clock
from streams.dns.cache import ExpiringCache
from streams.dns.facts import answers, facts_of
from streams.dns.questions import Questions
from streams.dns.settings import DnsSettings
from streams.events.dns_facts import DnsFacts

WAIT_S = 0.3
"""The longest that a batch waits for facts; what comes later is there for the next hit."""
PAUSE_S = 5.0
"""After a batch has waited in vain, others don't wait for so long, so that a slow resolver holds up few of them."""
IN_FLIGHT = 100
"""The most domains that are looked up at a time; of others the facts are unknown until the next hit."""
LEAST_S, MOST_S, UNKNOWN_S, SUFFIX_S = 60, 86_400, 60, 86_400
"""Seconds that facts are kept: at least, at most, where DNS gave no usable reply, and of a suffix."""
SUFFIXES_KEPT = 1_000
QUESTIONS_IN_A_ROW = 4
"""The most questions about one domain that each wait for the reply to the one before, with some to spare."""


class Lookup:
    """The facts of domains by one resolver. Belongs to one event loop. Raises ConfigurationError where dnspython, or a
    resolver, is missing."""

    def __init__(self, settings: DnsSettings) -> None:
        self._ask = Questions(settings.servers, settings.timeout_s).ask
        self._facts: ExpiringCache[DnsFacts | None] = ExpiringCache(settings.cache_size)
        self._suffixes: ExpiringCache[bool] = ExpiringCache(SUFFIXES_KEPT)
        self._in_flight: dict[str, asyncio.Task[None]] = {}
        self._no_wait_until_s = 0.0
        self._unlikely = secrets.token_hex(12)  # a label that nobody has registered, nor can foresee

    async def facts(self, domains: Iterable[str], *, wait_s: float = WAIT_S) -> dict[str, DnsFacts]:
        """The facts of those of the canonical names that are known within `wait_s`."""
        names = set(domains)
        missing = [name for name in sorted(names) if self._facts.get(name, clock.monotonic()) is None]
        started = [task for name in missing if (task := self._start(name)) is not None]
        if started and clock.monotonic() >= self._no_wait_until_s:
            done, late = await asyncio.wait(started, timeout=wait_s)
            for task in done:
                task.result()
            if late:
                self._no_wait_until_s = clock.monotonic() + PAUSE_S
        now_s = clock.monotonic()
        kept = {name: entry[0] for name in names if (entry := self._facts.get(name, now_s)) is not None}
        return {name: facts for name, facts in kept.items() if facts is not None}

    async def close(self) -> None:
        """Give up what is still being asked."""
        tasks = [*self._in_flight.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, name: str) -> asyncio.Task[None] | None:
        """The task that looks up a name, a new one unless there are too many."""
        task = self._in_flight.get(name)
        if task is None and len(self._in_flight) < IN_FLIGHT:
            task = self._in_flight[name] = asyncio.create_task(self._look_up(name))
            task.add_done_callback(lambda _: self._in_flight.pop(name))
        return task

    async def _look_up(self, name: str) -> None:
        facts, ttl_s = await facts_of(name, self._ask, self._answers_all, now_ms=clock.now_ms())
        kept_s = UNKNOWN_S if facts is None else min(max(ttl_s, LEAST_S), MOST_S)
        self._facts.put(name, facts, clock.monotonic() + kept_s)

    async def _answers_all(self, suffix: str) -> bool:
        """Whether every name under a suffix answers."""
        if known := self._suffixes.get(suffix, clock.monotonic()):
            return known[0]
        answered = await answers(f"{self._unlikely}.{suffix}", self._ask)
        kept_s = UNKNOWN_S if answered is None else SUFFIX_S
        self._suffixes.put(suffix, answered is True, clock.monotonic() + kept_s)
        return answered is True


def facts_now(domains: Sequence[str], settings: DnsSettings) -> dict[str, DnsFacts]:
    """The facts of canonical names, each waited for until it is known or given up; outside of any event loop. Raises
    ConfigurationError, as `Lookup` does."""
    return asyncio.run(_facts_of_all(domains, Lookup(settings), QUESTIONS_IN_A_ROW * settings.timeout_s))


def answers_at_all(settings: DnsSettings) -> bool:
    """Whether a resolver answers; it is asked for the root, which reveals nothing. Raises ConfigurationError."""
    return asyncio.run(Questions(settings.servers, settings.timeout_s).ask(".", "NS")).outcome != "unknown"


async def _facts_of_all(domains: Sequence[str], lookup: Lookup, wait_s: float) -> dict[str, DnsFacts]:
    found: dict[str, DnsFacts] = {}
    for at in range(0, len(domains), IN_FLIGHT):
        found |= await lookup.facts(domains[at : at + IN_FLIGHT], wait_s=wait_s)
    await lookup.close()
    return found
