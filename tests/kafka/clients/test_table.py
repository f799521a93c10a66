"""The reader of tables, on the embedded broker and on the real one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streams.errors import BrokerError
from streams.kafka.clients.table import TableChunk, read_table
from streams.kafka.settings import KafkaSettings
from tests.broker.contract import Broker, produce


def values_until(chunks: Iterator[TableChunk], number: int) -> list[bytes | None]:
    """Values of this many records, read until all of them have come."""
    values: list[bytes | None] = []
    while len(values) < number:
        values += [record.value for record in next(chunks).records]
    return values


def test_all_that_there_is_then_all_that_comes(broker: Broker, settings: KafkaSettings, prefix: str) -> None:
    topic = f"{prefix}table"
    broker.create_topics({topic: 3})
    produce(broker, topic, [b"1", b"2"], partition=0, key=b"k")
    produce(broker, topic, [b"3"], partition=2)
    chunks, read = read_table(settings, topic), list[TableChunk]()
    while not read or not read[-1].at_end:
        read.append(next(chunks))
    records = [record for chunk in read for record in chunk.records]
    assert sorted((record.key, record.value) for record in records if record.key) == [(b"k", b"1"), (b"k", b"2")]
    assert {record.value for record in records} == {b"1", b"2", b"3"}
    assert all(record.written_ms > 1_600_000_000_000 for record in records)
    produce(broker, topic, [b"4"], partition=1)
    assert values_until(chunks, 1) == [b"4"]
    produce(broker, topic, [b"5"], partition=0)
    assert values_until(chunks, 1) == [b"5"]
    chunks.close()  # type: ignore[attr-defined]  # a generator


def test_an_empty_topic_is_at_its_end_at_once(broker: Broker, settings: KafkaSettings, prefix: str) -> None:
    topic = f"{prefix}empty"
    broker.create_topics({topic: 2})
    assert next(read_table(settings, topic)) == TableChunk([], at_end=True)


def test_a_missing_topic_is_an_error(settings: KafkaSettings, prefix: str) -> None:
    with pytest.raises(BrokerError, match="there is no such topic"):
        next(read_table(settings, f"{prefix}nowhere"))
