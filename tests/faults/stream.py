"""The stream under test, sent at a set rate: generated mail with slips, repeats and late records, and bad records."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from confluent_kafka import KafkaError, Producer

from tests.faults.malformed import bad_record
from tests.pipeline.topics import Topics

BAD = "bad"
"""The header that marks bad records for the verification; workers ignore it."""
BURST = 200
MAX_QUEUED = 50_000


@dataclass(frozen=True)
class SentRecord:
    """A record to send; `is_bad` is for the verification only, and `timestamp_ms` 0 is the present."""

    key: str
    value: bytes | None
    is_bad: bool = False
    timestamp_ms: int = 0


def records_of(events: Iterable[Mapping[str, Any]], *, seed: int, bad: float) -> Iterator[SentRecord]:
    """The records of mail events; a share `bad` of them is malformed."""
    rng = random.Random(seed)
    for event in events:
        is_bad = rng.random() < bad
        yield SentRecord(event["sender"], bad_record(rng, event) if is_bad else orjson.dumps(event), is_bad)


class Stream:
    """Sends `count` records within about `seconds`, in a thread; `join` returns when all are acknowledged."""

    def __init__(
        self, topics: Topics, records: Iterable[SentRecord], *, count: int, seconds: float, compression: str = "lz4"
    ) -> None:
        self._compression = compression
        self._topics, self._records, self._count, self._seconds = topics, records, count, seconds
        self._refused: list[KafkaError] = []
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._failure: Exception | None = None

    def start(self) -> Stream:
        self._thread.start()
        return self

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def join(self) -> None:
        """Wait for the end, and raise the exception that ended the thread early."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _send(self) -> None:
        try:
            self._send_all()
        except Exception as failure:
            self._failure = failure

    def _send_all(self) -> None:
        producer = Producer(
            {
                "bootstrap.servers": self._topics.settings.brokers,
                "linger.ms": 20,
                "compression.type": self._compression,
                "message.max.bytes": 20_000_000,
                "enable.idempotence": True,
                "message.timeout.ms": 0,
                "topic.metadata.refresh.interval.ms": 1_000,  # writes to added partitions soon
                "queue.buffering.max.kbytes": 200_000,
                "batch.size": 250_000,
                "log_level": 0,
            }
        )
        begin = time.monotonic()
        for number, record in enumerate(self._records):
            producer.produce(
                self._topics.names.events,
                record.value,
                key=record.key,
                headers=[(BAD, b"1")] if record.is_bad else [],
                timestamp=record.timestamp_ms,
                on_delivery=self._on_delivery,
            )
            if number % BURST == 0:
                producer.poll(0)
                due = begin + self._seconds * number / self._count
                while len(producer) > MAX_QUEUED or time.monotonic() < due:
                    producer.poll(0.05)
        left = producer.flush(300)
        if left or self._refused:
            raise AssertionError(f"{left} records not acknowledged, refused: {self._refused[:3]}")

    def _on_delivery(self, error: KafkaError | None, _message: object) -> None:
        if error is not None:
            self._refused.append(error)
