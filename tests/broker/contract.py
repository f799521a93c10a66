"""The interface that tests need of a broker, embedded or real."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from confluent_kafka import Producer

FLUSH_SECONDS = 30


class Broker(Protocol):
    @property
    def bootstrap(self) -> str: ...

    def create_topics(self, partitions: Mapping[str, int]) -> None: ...


def produce(
    broker: Broker, topic: str, values: Iterable[bytes], partition: int = 0, *, key: bytes | None = None
) -> None:
    """Send the values in order, and wait until all are acknowledged."""
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0, "linger.ms": 5})
    failed: list[str] = []
    for value in values:
        producer.produce(
            topic,
            value,
            key,
            partition=partition,
            on_delivery=lambda error, _: failed.append(str(error)) if error else None,
        )
    assert producer.flush(FLUSH_SECONDS) == 0, f"not acknowledged within {FLUSH_SECONDS} s"
    assert not failed, failed[0]
