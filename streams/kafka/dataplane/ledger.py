"""The ledger of delivered batches: it decides which offset of a partition may be committed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from streams.kafka.clients.async_producer import PendingAcks
from streams.kafka.dataplane.batch import Batch
from streams.kafka.dataplane.settled_offset import CommitNote, SettledOffset


class Ledger:
    """The batches of one partition that are delivered to an agent and not committed yet, in order, and its end once
    that is reached.

    Faust's own bookkeeping counts single offsets, so that it would commit only one batch at a time. `note` is the
    highest of all that was settled, also by earlier owners of the partition.
    """

    __slots__ = ("_batches", "_end", "note")

    def __init__(self) -> None:
        self._batches: deque[Batch] = deque()
        self._end: int | None = None
        self.note: CommitNote | None = None

    def add(self, batch: Batch) -> None:
        self._batches.append(batch)
        self._end = None

    def reach_end(self, offset: int) -> None:
        """Record that the partition was read to its end: `offset` is the position after all batches, and beyond the
        last of them where offsets that are no record follow it."""
        self._end = offset

    def __iter__(self) -> Iterator[Batch]:
        return iter(self._batches)

    @property
    def processed(self) -> int:
        """The number of processed records that aren't committed."""
        return sum(len(batch) for batch in self._batches if batch.acked)

    @property
    def first_unprocessed(self) -> Batch | None:
        """The first batch that no agent has processed; None where all of them are."""
        return next((batch for batch in self._batches if not batch.acked), None)

    def take_settled(self) -> SettledOffset | None:
        """Remove the settled batches at the front, and return the offset to commit for them (the one after the last of
        them, or the end where no other batch follows); None where there is nothing new to commit."""
        offset = None
        while self._batches and self._batches[0].settled:
            batch = self._batches.popleft()
            offset = batch.last + 1
            if self.note is None or (batch.note is not None and batch.note.value > self.note.value):
                self.note = batch.note
        if not self._batches and self._end is not None:
            offset, self._end = self._end, None
        return None if offset is None else SettledOffset(offset, self.note)


def in_flight(ledgers: Iterable[Ledger]) -> list[Batch]:
    """The batches that an agent has started and not finished."""
    return [batch for ledger in ledgers for batch in ledger if batch.started and not batch.acked]


def unacknowledged(ledgers: Iterable[Ledger]) -> list[PendingAcks]:
    """The pending acknowledgements of processed batches."""
    return [
        batch.pending
        for ledger in ledgers
        for batch in ledger
        if batch.pending is not None and not batch.pending.complete
    ]
