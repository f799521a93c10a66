"""Batches of records of one partition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from streams.kafka.clients.async_producer import PendingAcks
from streams.kafka.clients.broker_time import appended_ms
from streams.kafka.dataplane.settled_offset import CommitNote

MAX_RECORDS = 2_000
MAX_BYTES = 4 * 1024 * 1024

Epoch = tuple[int, int]
"""An assignment: the group's generation, and how often the fetcher was assigned so far."""


class Batch:
    """Consecutive records of one partition, and the epoch of the assignment under which they were fetched.

    `position` is the fetcher's position before them: the offset after the previous batch, so that a lost batch is
    noticed. An agent calls `start` before it processes the batch, and `ack` once all output is passed to the producer;
    `pending` are the acknowledgements of that output, and `note` is what to commit with it.
    """

    __slots__ = (
        "_event",
        "_length",
        "_records",
        "epoch",
        "first",
        "last",
        "note",
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
        self.note: CommitNote | None = None

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

    def appended_ms(self, index: int) -> int | None:
        """When the broker appended a record, ms since the epoch; None where its timestamp is its producer's."""
        return appended_ms(self._records[index])

    def start(self, event: Any) -> None:
        """Mark the batch as being processed by an agent; `event` is the Faust event that carries it."""
        self._event, self.started = event, True

    def ack(self, pending: PendingAcks, note: CommitNote | None = None) -> None:
        """Mark the batch as processed: it may be committed once all of `pending` is acknowledged, with `note`.

        Drops the records, since the ledger keeps the batch until then, and the event, whose reference back to the batch
        would leave both to the garbage collector.
        """
        self._event.ack()
        self.note = note
        self.pending, self._event, self._records, self.values = pending, None, (), []

    @property
    def acked(self) -> bool:
        """True when the batch is processed."""
        return self.pending is not None

    @property
    def settled(self) -> bool:
        """True when the batch is processed and its output acknowledged, so that `last` may be committed."""
        return self.pending is not None and self.pending.complete


class PartitionEnd(NamedTuple):
    """A partition was read to its end under this epoch: `offset` is the position there, and `position` the fetcher's
    position before it. It is delivered in order with the batches, and to no agent."""

    epoch: Epoch
    position: int
    offset: int

    @property
    def first(self) -> int:
        """The offset by which it is named in a log."""
        return self.offset

    @property
    def last(self) -> int:
        """The offset before the position at the end."""
        return self.offset - 1

    @property
    def timestamp_ms(self) -> int:
        """It has no time."""
        return 0


def split(records: Sequence[Any], epoch: Epoch, position: int) -> Iterator[Batch]:
    """Split one partition's records into batches of at most MAX_RECORDS records and MAX_BYTES bytes (or of one larger
    record); `position` is the fetcher's position before the first record."""
    for start in range(0, len(records), MAX_RECORDS):
        for part in _within_bytes(records[start : start + MAX_RECORDS]):
            yield Batch(part, epoch, position)
            position = part[-1].offset() + 1


def _within_bytes(records: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Parts of at most MAX_BYTES bytes, or of one larger record."""
    if sum(map(len, records)) <= MAX_BYTES:
        yield records
        return
    start = size = 0
    for index, record in enumerate(records):
        length = len(record)
        if index > start and size + length > MAX_BYTES:
            yield records[start:index]
            start, size = index, 0
        size += length
    yield records[start:]
