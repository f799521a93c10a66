"""What the steps of a worker are tested with: topics on the embedded broker, and what is read back from it."""

from __future__ import annotations

from collections.abc import Iterator

from streams.events.privacy import Privacy
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.clients.read import KafkaRecord, read_to_end
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.settings import KafkaSettings
from streams.metrics import Metrics
from streams.worker.dead_letters import DeadLetters

PRIVACY = Privacy(b"a key of the tests")
DEAD_LETTERS = "mail.dead-letters"


def dead_letters_of(producer: AsyncProducer, metrics: Metrics) -> DeadLetters:
    """Whole dead letters, of a megabyte at most."""
    return DeadLetters(producer, DEAD_LETTERS, keep="whole", max_bytes=1_000_000, privacy=PRIVACY, metrics=metrics)


def read(broker: EmbeddedBroker, topic: str) -> list[KafkaRecord]:
    """The records that the broker has of a topic, by partition and offset."""
    records: Iterator[KafkaRecord] = read_to_end(KafkaSettings(brokers=broker.bootstrap), topic)
    return sorted(records, key=lambda record: (record.partition, record.offset))


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    """The value of a metric, without the prefix that all have; None where it has none."""
    return metrics.registry.get_sample_value(f"straymail_{name}", labels)
