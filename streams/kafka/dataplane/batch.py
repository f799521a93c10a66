"""Batches of records of one partition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from streams.kafka.clients.async_producer import PendingAcks

MAX_RECORDS = 2_000
MAX_BYTES = 4 * 1024 * 1024


Epoch = tuple[int, int]
"""The group's generation, and how often the reader was assigned: what tells one assignment from the next."""


class Batch:
    """Consecutive records of one partition, and the epoch of the assignment under which they were fetched.

    `position` is where the reader stood before them: at the next offset of the batch before, so that none can get
    lost unseen. An agent calls `start` when it takes it up (`started`) and `ack` when all that it leads to was handed
    to the producer; `pending` is what of this the broker has still to acknowledge.
    """

    __slots__ = (
        "_event",
        "_length",
        "_records",
        "epoch",
        "first",
        "last",
        "partition",
        "pending",
        "position",
        "started",
        "timestamp_ms",
        "topic",
        "values",
    )

    def __init__(self, records: Sequence[Any], epoch: Epoch, position: int) -> None:
        self._records, self.epoch, self.position = records, epoch, position
        self.values: list[bytes | None] = [record.value() for record in records]
        self.first: int = records[0].offset()
        self.last: int = records[-1].offset()
        self.topic: str = records[0].topic()
        self.partition: int = records[0].partition()
        self.timestamp_ms: int = records[-1].timestamp()[1]
        self._length = len(records)
        self._event: Any = None
        self.started = False
        self.pending: PendingAcks | None = None

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

    def ack(self, pending: PendingAcks) -> None:
        """The agent is done with it: once all of `pending` is acknowledged the batch may be committed.

        It lets go of its records, since the ledger keeps it until then, and of the event, which holds it in turn: only
        the garbage collector would find the two.
        """
        self._event.ack()
        self.pending, self._event, self._records, self.values = pending, None, (), []

    @property
    def acked(self) -> bool:
        """Whether the agent is done with it."""
        return self.pending is not None

    @property
    def settled(self) -> bool:
        """True when the offsets up to `last` may be committed."""
        return self.pending is not None and self.pending.complete


def split(records: Sequence[Any], epoch: Epoch, position: int) -> Iterator[Batch]:
    """Cut one partition's records into batches of at most MAX_RECORDS records and MAX_BYTES bytes (or one larger
    record)."""
    if len(records) <= MAX_RECORDS and sum(map(len, records)) <= MAX_BYTES:
        yield Batch(records, epoch, position)
        return
    start = size = 0
    for index, record in enumerate(records):
        length = len(record)
        if index > start and (index - start == MAX_RECORDS or size + length > MAX_BYTES):
            yield Batch(records[start:index], epoch, position)
            start, size, position = index, 0, records[index - 1].offset() + 1
        size += length
    yield Batch(records[start:], epoch, position)
