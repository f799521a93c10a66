"""The broker's time, to compare a clock with.

No answer of Kafka has it. But in a topic with `message.timestamp.type` LogAppendTime the broker stamps each record when
it appends it, and reports the stamp to the producer.
"""

from __future__ import annotations

from typing import Any

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError

from streams.clock import now_ms
from streams.kafka.clients.async_producer import AsyncProducer, Headers, PendingAcks, TooLargeHandler
from streams.kafka.clients.sync_producer import REACH_S, SyncProducer
from streams.kafka.settings import KafkaSettings

EARLIEST_MS = 1_000_000_000_000
"""In the year 2001. A stamp before it is no time: the embedded broker reports 1234 for every record."""


def appended_ms(message: Any) -> int | None:
    """When the broker appended a record (ms since the epoch, by the broker's clock); None where the record's timestamp
    is its producer's."""
    kind, time_ms = message.timestamp()
    return int(time_ms) if kind == TIMESTAMP_LOG_APPEND_TIME and time_ms >= EARLIEST_MS else None


def skew_ms(sent_ms: int, appended_ms: int, received_ms: int) -> int:
    """How far a clock is ahead of the broker's, at least (ms; negative: behind).

    By that clock a record was sent at `sent_ms` and its acknowledgement received at `received_ms`; in between the
    broker appended it. So a slow answer is no skew.
    """
    return max(0, sent_ms - appended_ms) + min(0, received_ms - appended_ms)


class StampedAcks(PendingAcks):
    """Acknowledgements, and when the broker appended the last record acknowledged; None where it doesn't stamp them."""

    __slots__ = ("appended_ms",)

    def __init__(self, producer: AsyncProducer) -> None:
        super().__init__(producer)
        self.appended_ms: int | None = None

    def __call__(
        self,
        error: KafkaError | None,
        message: Any,
        on_too_large: TooLargeHandler | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Handle a delivery report of librdkafka; called in the polling thread."""
        if error is None:
            self.appended_ms = appended_ms(message)
        super().__call__(error, message, on_too_large, headers)


class _Probes(SyncProducer):
    """A producer of one record to each partition; `skews_ms` has the skew by each that the broker stamped."""

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        super().__init__(settings, topic)
        self.skews_ms: list[int] = []
        self._sent_ms = 0

    def send_all(self, probe: bytes) -> None:
        """Send the record to each partition."""
        partitions = self._producer.list_topics(self._topic, timeout=REACH_S).topics[self._topic].partitions
        self._sent_ms = now_ms()
        for partition in partitions:
            self.send(probe, partition=partition)

    def _report(self, error: KafkaError | None, message: Any) -> None:
        stamp_ms = appended_ms(message) if error is None else None
        if stamp_ms is not None:
            self.skews_ms.append(skew_ms(self._sent_ms, stamp_ms, now_ms()))
        super()._report(error, message)


def measure_skew_ms(settings: KafkaSettings, topic: str, probe: bytes) -> int | None:
    """How far this machine's clock is ahead of the brokers', at least (ms; negative: behind), of that one from which it
    differs most; None where they don't stamp the records of the topic. Sends `probe` to each of the topic's partitions,
    since each broker stamps those that it leads. Raises BrokerError."""
    producer = _Probes(settings, topic)
    with producer:
        producer.send_all(probe)
    return max(producer.skews_ms, key=abs, default=None)
