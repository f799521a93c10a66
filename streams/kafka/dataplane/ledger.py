"""How far a partition may be committed: the ledger of the batches that agents were given."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from streams.kafka.clients.async_producer import PendingAcks
from streams.kafka.dataplane.batch import Batch


class Ledger:
    """The batches of one partition that were delivered to an agent and are not committed yet, in order.

    Faust's own bookkeeping counts single offsets: a batch would leave a gap that moves on by one batch a commit.
    """

    __slots__ = ("_batches",)

    def __init__(self) -> None:
        self._batches: deque[Batch] = deque()

    def add(self, batch: Batch) -> None:
        self._batches.append(batch)

    def __iter__(self) -> Iterator[Batch]:
        return iter(self._batches)

    @property
    def processed(self) -> int:
        """Records that an agent is done with and that aren't committed."""
        return sum(len(batch) for batch in self._batches if batch.acked)

    def take_settled(self) -> int | None:
        """The offset that may be committed now (the one after the last settled batch without a gap before it), or
        None."""
        offset = None
        while self._batches and self._batches[0].settled:
            offset = self._batches.popleft().last + 1
        return offset


def in_flight(ledgers: Iterable[Ledger]) -> list[Batch]:
    """The batches that an agent has taken up and not finished."""
    return [batch for ledger in ledgers for batch in ledger if batch.started and not batch.acked]


def unacknowledged(ledgers: Iterable[Ledger]) -> list[PendingAcks]:
    """What finished batches led to and the broker has not acknowledged yet."""
    return [
        batch.pending
        for ledger in ledgers
        for batch in ledger
        if batch.pending is not None and not batch.pending.complete
    ]
