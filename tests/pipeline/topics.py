"""The topics of a pipeline and the progress of its group, read from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple
from functools import partial
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from streams.events.hit import Tick, decode_hit_or_tick
from streams.kafka.clients.consumer import with_retries
from streams.kafka.clients.read import KafkaRecord, read_to_end
from streams.kafka.errors import NO_CONNECTION
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import topic_names

ANSWER_S = 30


class Topics:
    """The topics of one pipeline, and the offsets of its consumer group."""

    def __init__(self, settings: KafkaSettings, group: str) -> None:
        self.settings, self.group, self.names = settings, group, topic_names(settings)
        self._client = self._connect()

    def _connect(self) -> Consumer:
        # An AdminClient can list a group's offsets too, but crashes where the coordinator is lost meanwhile.
        return Consumer({"bootstrap.servers": self.settings.brokers, "group.id": self.group, "log_level": 0})

    def reconnect(self) -> None:
        """Use a new client: one that has seen a broker start may have lost its address."""
        self.close()
        self._client = self._connect()

    def close(self) -> None:
        self._client.close()

    def ends(self, topic: str) -> dict[int, int]:
        """The offset after the last record, by partition."""
        partitions = self._metadata(topic).topics[topic].partitions
        asked = (TopicPartition(topic, partition) for partition in partitions)
        return {each.partition: with_retries(partial(self._end, each), ANSWER_S) for each in asked}

    def _end(self, partition: TopicPartition) -> int:
        return int(self._client.get_watermark_offsets(partition, timeout=ANSWER_S)[1])

    def leaders(self) -> dict[tuple[str, int], int]:
        """The broker that leads each partition of the pipeline, by topic and partition; -1 where none does."""
        topics = self._metadata().topics
        return {
            (name, number): partition.leader
            for name in astuple(self.names)
            for number, partition in topics[name].partitions.items()
        }

    def _metadata(self, topic: str | None = None) -> Any:
        """What a broker says of a topic, or of all; asked again where it was one that was just killed."""
        for is_last in (False, False, True):
            try:
                return self._client.list_topics(topic, timeout=ANSWER_S)
            except KafkaException as error:
                if is_last or error.args[0].code() not in NO_CONNECTION:
                    raise
        raise AssertionError

    def committed(self, topic: str) -> dict[int, int]:
        """The group's committed offsets; 0 where there is none."""
        return {partition: max(0, offset) for partition, offset in self._committed(topic).items()}

    def without_position(self, topic: str) -> list[int]:
        """The partitions for which the group has committed nothing."""
        return [partition for partition, offset in self._committed(topic).items() if offset < 0]

    def _committed(self, topic: str) -> dict[int, int]:
        wanted = [TopicPartition(topic, partition) for partition in self.ends(topic)]
        found = with_retries(lambda: self._client.committed(wanted, timeout=ANSWER_S), ANSWER_S)
        return {each.partition: each.offset for each in found}

    def read_again(self, *topics: str) -> None:
        """Reset the group's offsets of these topics to the earliest; the group must be empty."""
        self.commit(0, *topics)

    def commit(self, offset: int, *topics: str) -> None:
        """Commit an offset for each partition of these topics; the group must be empty."""
        places = [TopicPartition(topic, partition, offset) for topic in topics for partition in self.ends(topic)]

        def commit() -> None:  # an error of one partition isn't raised
            for each in self._client.commit(offsets=places, asynchronous=False):
                if each.error is not None:
                    raise KafkaException(each.error)

        with_retries(commit, ANSWER_S)

    def lag(self, *topics: str) -> int:
        """The number of records that aren't committed."""
        return sum(sum(self.ends(t).values()) - sum(self.committed(t).values()) for t in topics)

    def all_committed(self) -> bool:
        """Whether all mail events and all of their hits are committed."""
        names = self.names
        return self.lag(names.events) == 0 and self.lag(names.typo_hits, names.typo_domains) == 0

    def nothing_left(self) -> bool:
        """Whether, after a stop, all mail events and all hits are committed; a tick may arrive after the last fetch."""
        hit_topics = (self.names.typo_hits, self.names.typo_domains)
        return self.lag(self.names.events) == 0 and all(
            isinstance(decode_hit_or_tick(record.value), Tick)
            for topic in hit_topics
            for committed in [self.committed(topic)]
            for record in self.read(topic)
            if record.offset >= committed[record.partition]
        )

    def read(self, topic: str) -> Iterator[KafkaRecord]:
        return read_to_end(self.settings, topic)

    def values(self, topic: str) -> list[bytes]:
        return [record.value or b"" for record in self.read(topic)]

    def send(self, topic: str, values: Iterator[tuple[str, bytes]]) -> None:
        """Publish keyed values, and wait until all are acknowledged."""
        producer = Producer(
            {
                "bootstrap.servers": self.settings.brokers,
                "linger.ms": 20,
                "compression.type": "lz4",
                "queue.buffering.max.messages": 1_000_000,
                "message.max.bytes": 20_000_000,
                "log_level": 0,
            }
        )
        for key, value in values:
            producer.produce(topic, value, key=key)
            producer.poll(0)
        assert producer.flush(30) == 0

    def send_to_each_partition(self, topic: str, value: bytes) -> None:
        self.send_to_partitions(topic, dict.fromkeys(self.ends(topic), value))

    def send_to_partitions(self, topic: str, values: Mapping[int, bytes]) -> None:
        """Publish a value to each of these partitions."""
        producer = Producer({"bootstrap.servers": self.settings.brokers})
        for partition, value in values.items():
            producer.produce(topic, value, partition=partition)
        assert producer.flush(30) == 0
