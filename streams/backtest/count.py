"""Counts hits into findings in event time, which gives the alerts that the pipeline would have sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from streams.events.alert import Alert
from streams.events.hit import Tick, TypoHit
from streams.events.mail import LATEST_MS
from streams.findings.rules import FindingPolicy, GroupBy
from streams.findings.state import PartitionState
from streams.findings.store.digests import Digests

GROUPINGS: tuple[GroupBy, ...] = ("sender", "domain")
BATCH_SPAN_MS = 5_000
"""Hits within this span are counted as one batch, as in a worker without lag: a finding gets one alert for them."""


def alerts_of(hits: Iterable[TypoHit], policy: FindingPolicy, digests: Digests) -> Iterator[Alert]:
    """Every alert for these hits, which must be sorted by time, including the final alert of each window."""
    partitions = [_HitPartition(policy, digests, group_by) for group_by in GROUPINGS]
    for batch in _batches(hits):
        for partition in partitions:
            yield from partition.count([*batch, _tick(batch[-1].time)])
    for partition in partitions:
        yield from partition.count([_tick(LATEST_MS)])


class _HitPartition:
    """A hit topic with a single partition: its state and its next offset."""

    def __init__(self, policy: FindingPolicy, digests: Digests, group_by: GroupBy) -> None:
        self._state = PartitionState(policy, digests, group_by)
        self._next = 0

    def count(self, records: list[TypoHit | Tick]) -> Iterator[Alert]:
        first, self._next = self._next, self._next + len(records)
        for outcome in self._state.apply(records, first_offset=first, last_offset=self._next - 1):
            yield from outcome.alerts


def _tick(time_ms: int) -> Tick:
    return Tick({"0": time_ms}, 1)


def _batches(hits: Iterable[TypoHit]) -> Iterator[list[TypoHit]]:
    batch: list[TypoHit] = []
    for hit in hits:
        if batch and hit.time >= batch[0].time + BATCH_SPAN_MS:
            yield batch
            batch = []
        batch.append(hit)
    if batch:
        yield batch
