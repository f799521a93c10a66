"""Batches of records, and the ledger that says how far a partition may be committed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from streams.kafka.clients.async_producer import Delivery

MAX_RECORDS = 2_000
MAX_BYTES = 4 * 1024 * 1024


Epoch = tuple[int, int]
"""The group's generation, and how often the reader was assigned: what tells one assignment from the next."""


class Batch:
    """Consecutive records of one partition, and the epoch of the assignment under which they were fetched.

    `follows` is where the reader stood before them: at the next offset of the batch before, so that none can get
    lost unseen. An agent calls `start` when it takes it up (`started`) and `ack` when all that it leads to was handed
    to the producer; `delivery` holds what of this the broker has still to acknowledge.
    """

    __slots__ = (
        "_event",
        "_length",
        "_records",
        "acked",
        "delivery",
        "epoch",
        "first",
        "follows",
        "last",
        "partition",
        "started",
        "timestamp_ms",
        "topic",
        "values",
    )

    def __init__(self, records: Sequence[Any], epoch: Epoch, follows: int) -> None:
        self._records, self.epoch, self.follows = records, epoch, follows
        self.values: list[bytes | None] = [record.value() for record in records]
        self.first: int = records[0].offset()
        self.last: int = records[-1].offset()
        self.topic: str = records[0].topic()
        self.partition: int = records[0].partition()
        self.timestamp_ms: int = records[-1].timestamp()[1]
        self._length = len(records)
        self._event: Any = None
        self.started = self.acked = False
        self.delivery: Delivery | None = None

    def __len__(self) -> int:
        return self._length

    def offset(self, index: int) -> int:
        """The offset of a record; offsets may have gaps (compaction, transactions)."""
        return int(self._records[index].offset())

    def key(self, index: int) -> bytes | None:
        """The Kafka key of a record."""
        key = self._records[index].key()
        return key.encode() if isinstance(key, str) else key

    def record_timestamp_ms(self, index: int) -> int:
        """The Kafka timestamp of a record, ms since the epoch."""
        return int(self._records[index].timestamp()[1])

    def start(self, event: Any) -> None:
        """An agent has taken the batch up; `event` is the Faust event that carries it."""
        self._event, self.started = event, True

    def ack(self) -> None:
        """The agent is done with it: once `delivery` is complete the batch may be committed.

        It lets go of its records, since the ledger keeps it until then, and of the event, which holds it in turn: only
        the garbage collector would find the two.
        """
        self._event.ack()
        self.acked, self._event, self._records, self.values = True, None, (), []

    @property
    def settled(self) -> bool:
        """True when the offsets up to `last` may be committed."""
        return self.acked and (self.delivery is None or self.delivery.complete)


def split(records: Sequence[Any], epoch: Epoch, follows: int) -> Iterator[Batch]:
    """Cut one partition's records into batches of at most MAX_RECORDS records and MAX_BYTES bytes (or one larger
    record)."""
    if len(records) <= MAX_RECORDS and sum(map(len, records)) <= MAX_BYTES:
        yield Batch(records, epoch, follows)
        return
    start = size = 0
    for index, record in enumerate(records):
        length = len(record)
        if index > start and (index - start == MAX_RECORDS or size + length > MAX_BYTES):
            yield Batch(records[start:index], epoch, follows)
            start, size, follows = index, 0, records[index - 1].offset() + 1
        size += length
    yield Batch(records[start:], epoch, follows)


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
    def done(self) -> int:
        """Records that an agent is done with and that aren't committed."""
        return sum(len(batch) for batch in self._batches if batch.acked)

    def take_settled(self) -> int | None:
        """The offset that may be committed now (the one after the last settled batch without a gap before it), or
        None."""
        offset = None
        while self._batches and self._batches[0].settled:
            offset = self._batches.popleft().last + 1
        return offset


def working(ledgers: Iterable[Ledger]) -> list[Batch]:
    """The batches that an agent has taken up and not finished."""
    return [batch for ledger in ledgers for batch in ledger if batch.started and not batch.acked]


def undelivered(ledgers: Iterable[Ledger]) -> list[Delivery]:
    """What finished batches led to and the broker has not acknowledged yet."""
    return [
        batch.delivery
        for ledger in ledgers
        for batch in ledger
        if batch.acked and batch.delivery is not None and not batch.delivery.complete
    ]
