"""Reads a compacted topic as a table: all that it has, then every change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from streams.kafka.clients.consumer import PlainConsumer
from streams.kafka.settings import KafkaSettings

FETCH_CONFIG = {"fetch.min.bytes": 64 * 1024, "fetch.wait.max.ms": 500}
"""Changes may be half a second late: a request for each few of them would cost more than taking them in."""


class TableRecord(NamedTuple):
    """A record of a table; `written_ms` is Kafka's timestamp (ms since the epoch, -1 without one)."""

    key: bytes | None
    value: bytes | None
    written_ms: int


class TableChunk(NamedTuple):
    """Records in the order of each partition; `at_end` once all that the topic had at the start was read."""

    records: list[TableRecord]
    at_end: bool


def read_table(settings: KafkaSettings, topic: str) -> Iterator[TableChunk]:
    """All records of a topic and all later ones, until the generator is closed; a chunk without any where none arrives
    for a moment. Waits while the broker is unreachable.

    It blocks, and connects when the first chunk is requested. Partitions that are added to the topic meanwhile are not
    read. Raises BrokerError where Kafka refuses, doesn't have the topic, or doesn't answer at the start.
    """
    with PlainConsumer(settings, topic, None, FETCH_CONFIG) as reader:
        partitions = reader.partitions()
        ends = {partition: reader.watermarks(partition) for partition in partitions}
        unread = {partition: end for partition, (start, end) in ends.items() if start < end}
        reader.assign({partition: start for partition, (start, _) in ends.items()})
        yield TableChunk([], not unread)
        while True:
            records = []
            for message in reader.poll():
                partition = message.partition()
                if message.error() is None:
                    records.append(TableRecord(message.key(), message.value(), message.timestamp()[1]))
                if partition in unread and (message.error() is not None or message.offset() + 1 >= unread[partition]):
                    del unread[partition]
            yield TableChunk(records, not unread)
