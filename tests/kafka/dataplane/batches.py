"""Batches for tests, made as the data plane makes them, of records that no broker has seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streams.kafka.clients.async_producer import AsyncProducer, PendingAcks
from streams.kafka.dataplane.batch import Batch, Epoch

PRODUCER = AsyncProducer({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})


def nothing_pending() -> PendingAcks:
    """As of a batch that led to nothing."""
    return PRODUCER.pending_acks()


@dataclass(frozen=True)
class Message:
    """A record as librdkafka hands it over, as far as batches look at it. Its timestamp in ms is its offset."""

    at: int
    data: bytes | None = b"x" * 10
    of_topic: str = "mail.events"
    of_partition: int = 3
    with_key: bytes | None = None

    def value(self) -> bytes | None:
        return self.data

    def offset(self) -> int:
        return self.at

    def timestamp(self) -> tuple[int, int]:
        return 1, self.at

    def topic(self) -> str:
        return self.of_topic

    def partition(self) -> int:
        return self.of_partition

    def key(self) -> bytes | None:
        return self.with_key

    def __len__(self) -> int:
        return len(self.data or b"")


class Event:
    """A Faust event, as far as a batch needs one."""

    acked = False

    def ack(self) -> None:
        self.acked = True


def batch_of(
    values: Iterable[bytes | None],
    *,
    topic: str = "mail.events",
    partition: int = 3,
    first: int = 0,
    epoch: Epoch = (1, 1),
    key: bytes | None = None,
) -> Batch:
    """A batch of these values, which an agent has taken up; its offsets begin at `first`."""
    messages = [Message(at, value, topic, partition, key) for at, value in enumerate(values, first)]
    batch = Batch(messages, epoch, first)
    batch.start(Event())
    return batch
