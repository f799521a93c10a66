"""The stream under test, sent at a pace: made mail with slips, repeats and late records, and bad records among it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import orjson
from confluent_kafka import KafkaError, Producer

from tests.faults.bad import bad_record
from tests.pipeline.mail import mail_events
from tests.pipeline.topics import Topics

BAD = "bad"
"""The header that tells the judge, and nobody else, which records are bad."""
AT_ONCE = 200
MOST_WAITING = 50_000


class Stream:
    """Sends `records` of them within about `seconds`, from a thread; `join` returns when all are acknowledged."""

    def __init__(self, topics: Topics, *, seed: int, records: int, seconds: float, bad: float = 0.01) -> None:
        self._topics, self._seed, self._records, self._seconds, self._bad = topics, seed, records, seconds, bad
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
        """Raises what kept it from sending all."""
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
                "compression.type": "lz4",
                "enable.idempotence": True,
                "message.timeout.ms": 0,
                "log_level": 0,
            }
        )
        begin = time.monotonic()
        for number, (key, value, headers) in enumerate(self._made()):
            producer.produce(self._topics.names.events, value, key=key, headers=headers, on_delivery=self._on_delivery)
            if number % AT_ONCE == 0:
                producer.poll(0)
                due = begin + self._seconds * number / self._records
                while len(producer) > MOST_WAITING or time.monotonic() < due:
                    producer.poll(0.05)
        left = producer.flush(300)
        if left or self._refused:
            raise AssertionError(f"{left} records not acknowledged, refused: {self._refused[:3]}")

    def _made(self) -> Iterator[tuple[str, bytes | None, list[tuple[str, str | bytes | None]]]]:
        rng = random.Random(self._seed)
        for event in mail_events(self._records, seed=self._seed):
            if rng.random() < self._bad:
                yield event["sender"], bad_record(rng, event), [(BAD, b"1")]
            else:
                yield event["sender"], orjson.dumps(event), []

    def _on_delivery(self, error: KafkaError | None, _message: object) -> None:
        if error is not None:
            self._refused.append(error)
