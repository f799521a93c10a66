"""Readers of whole topics, for commands and to restore state. They join no consumer group and commit nothing.

Most functions are generators: each connects when its first record is requested, and disconnects at its end (or at
`close()`). They block, so an event loop runs them in a thread. Deleted, compacted and aborted records are skipped. Each
raises BrokerError where Kafka refuses, doesn't have the topic or doesn't answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Event
from typing import Any, NamedTuple

from confluent_kafka import Message

from streams.kafka.clients.consumer import PlainConsumer, Start, has_errors
from streams.kafka.settings import KafkaSettings

SILENCE_S = 15.0
TO_END_POLL_S = 0.01
"""A poll takes this long where fewer records are left than it may return."""


class KafkaRecord(NamedTuple):
    """A record in Kafka; `timestamp_ms` is Kafka's timestamp (ms since the epoch, -1 without one), not the event
    time."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


def read_to_end(
    settings: KafkaSettings,
    topic: str,
    *,
    partitions: Iterable[int] | None = None,
    start: Start = "beginning",
    silence_s: float = SILENCE_S,
) -> Iterator[KafkaRecord]:
    """The records of each partition in order, up to the end that it has when the first record is requested.

    `partitions` default to all. Raises BrokerError when Kafka sends nothing for `silence_s` seconds before that end.
    """
    for messages in _polls_to_end(settings, topic, partitions, start, silence_s):
        yield from map(_record, messages)


def read_keyed_to_end(
    settings: KafkaSettings, topic: str, partition: int, *, silence_s: float = SILENCE_S
) -> Iterator[tuple[bytes, bytes | None]]:
    """Keys and values of one partition, as from `read_to_end` but in less time; records without a key are skipped."""
    for messages in _polls_to_end(settings, topic, [partition], "beginning", silence_s):
        keys = list(map(Message.key, messages))
        keyed = zip(keys, map(Message.value, messages), strict=True)
        yield from keyed if None not in keys else ((key, value) for key, value in keyed if key is not None)


def offset_range(
    settings: KafkaSettings, topic: str, partition: int, *, silence_s: float = SILENCE_S
) -> tuple[int, int]:
    """The offset of the first record that a partition still has, and the one after its last record."""
    with PlainConsumer(settings, topic, silence_s) as reader:
        return reader.watermarks(partition)


def _polls_to_end(
    settings: KafkaSettings, topic: str, partitions: Iterable[int] | None, start: Start, silence_s: float
) -> Iterator[list[Any]]:
    """The messages of each poll."""
    with PlainConsumer(settings, topic, silence_s) as reader:
        wanted = sorted(set(partitions)) if partitions is not None else reader.partitions()
        marks = {partition: reader.watermarks(partition) for partition in wanted}
        at_beginning = {partition: first for partition, (first, _) in marks.items()}
        offsets = at_beginning if start == "beginning" else reader.offsets(wanted, start)
        open_ends = {partition: end for partition, (_, end) in marks.items() if offsets[partition] < end}
        reader.assign({partition: offsets[partition] for partition in open_ends})
        nearest_end, is_one = min(open_ends.values(), default=0), len(open_ends) == 1
        while open_ends:
            polled = reader.poll(TO_END_POLL_S)
            if is_one and polled and polled[-1].offset() + 1 < nearest_end and not has_errors(polled):
                yield polled  # mostly, and then without a look at each
            else:
                yield _before_ends(reader, polled, open_ends)


def _before_ends(reader: PlainConsumer, polled: list[Any], open_ends: dict[int, int]) -> list[Any]:
    """The records before the ends of their partitions; a partition whose end is reached is removed and paused."""
    found = []
    for message in polled:
        partition, offset = message.partition(), message.offset()
        end = open_ends.get(partition)
        if end is None:
            continue
        at_end = message.error() is not None
        if not at_end and offset < end:
            found.append(message)
        if at_end or offset + 1 >= end:
            del open_ends[partition]
            reader.pause(partition)
    return found


def follow(
    settings: KafkaSettings,
    topic: str,
    *,
    partitions: Iterable[int] | None = None,
    start: Start = "end",
    stop: Event | None = None,
) -> Iterator[KafkaRecord]:
    """The records from `start` on and all later ones, until `stop` is set (by default: forever); waits while the broker
    is unreachable.

    Partitions that are added to the topic meanwhile are not read.
    """
    for records in follow_polls(settings, topic, partitions=partitions, start=start, stop=stop):
        yield from records


def follow_polls(
    settings: KafkaSettings,
    topic: str,
    *,
    partitions: Iterable[int] | None = None,
    start: Start = "end",
    stop: Event | None = None,
) -> Iterator[list[KafkaRecord]]:
    """The records as from `follow`, those of each poll as a list; an empty one after POLL_S without any, so that the
    reader can do what is due."""
    with PlainConsumer(settings, topic, None) as reader:
        wanted = sorted(set(partitions)) if partitions is not None else reader.partitions()
        reader.assign(reader.offsets(wanted, start))
        while stop is None or not stop.is_set():
            yield [_record(message) for message in reader.poll() if message.error() is None]


def _record(message: Any) -> KafkaRecord:
    headers = message.headers()
    return KafkaRecord(
        message.topic(),
        message.partition(),
        message.offset(),
        message.timestamp()[1],
        message.key(),
        message.value(),
        tuple(headers) if headers else (),
    )
