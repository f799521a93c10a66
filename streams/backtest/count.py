"""Counts hits into findings, in event time: the alerts that the pipeline would have sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from streams.events.alert import Alert
from streams.events.hit import Tick, TypoHit
from streams.events.mail import LATEST_MS
from streams.findings.rules import FindingPolicy, GroupBy
from streams.findings.state import PartitionState
from streams.findings.store.digests import Digests

GROUPINGS: tuple[GroupBy, ...] = ("sender", "domain")
TOGETHER_MS = 5_000
"""Hits of so short a span are counted at once, as a worker does that is not behind: it tells one alert for them."""


def alerts_of(hits: Iterable[TypoHit], policy: FindingPolicy, digests: Digests) -> Iterator[Alert]:
    """Every alert for hits that come in the order of their times, the final ones of all windows included."""
    states = [_Counted(policy, digests, group_by) for group_by in GROUPINGS]
    for batch in _together(hits):
        for state in states:
            yield from state.take([*batch, _tick(batch[-1].time)])
    for state in states:
        yield from state.take([_tick(LATEST_MS)])


class _Counted:
    """One state and how far it is; a hit topic with a single partition."""

    def __init__(self, policy: FindingPolicy, digests: Digests, group_by: GroupBy) -> None:
        self._state = PartitionState(policy, digests, group_by)
        self._next = 0

    def take(self, records: list[TypoHit | Tick]) -> Iterator[Alert]:
        first, self._next = self._next, self._next + len(records)
        for outcome in self._state.apply(records, first_offset=first, last_offset=self._next - 1):
            yield from outcome.alerts


def _tick(time_ms: int) -> Tick:
    return Tick({"0": time_ms}, 1)


def _together(hits: Iterable[TypoHit]) -> Iterator[list[TypoHit]]:
    batch: list[TypoHit] = []
    for hit in hits:
        if batch and hit.time >= batch[0].time + TOGETHER_MS:
            yield batch
            batch = []
        batch.append(hit)
    if batch:
        yield batch
