"""The lag of a consumer group, measured from outside the group."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from streams.kafka.clients.consumer import with_retries
from streams.kafka.errors import ConnectionErrors, quiet_config, translate_errors
from streams.kafka.settings import KafkaSettings

LIMIT_S = 15.0
EARLIEST, LATEST = OffsetSpec.earliest(), OffsetSpec.latest()  # type: ignore[no-untyped-call]  # confluent-kafka's


class GroupLag:
    """The lag of one group on some topics; partitions that are added later don't count."""

    def __init__(self, settings: KafkaSettings, group: str, topics: Iterable[str]) -> None:
        """Connect and list the partitions. Raises BrokerError where Kafka doesn't answer or a topic is missing."""
        self._brokers, self._group, self._errors = settings.brokers, group, ConnectionErrors()
        with translate_errors("reach Kafka", self._brokers, self._errors):
            self._client = AdminClient(quiet_config(settings, self._errors))
            # An AdminClient can list a group's offsets too, but crashes with a segmentation fault where the group's
            # coordinator becomes unreachable meanwhile (confluent-kafka 2.x). This consumer doesn't join the group.
            self._offsets = Consumer(
                quiet_config(settings, self._errors) | {"group.id": group, "enable.auto.commit": False}
            )
            metadata = self._client.list_topics(timeout=LIMIT_S).topics
            self._partitions = [
                TopicPartition(topic, partition) for topic in topics for partition in metadata[topic].partitions
            ]

    def lag(self) -> int:
        """The number of records that exist and that the group has not committed. Raises BrokerError."""
        with translate_errors(f"read the offsets of group {self._group}", self._brokers, self._errors):
            committed = with_retries(lambda: self._offsets.committed(self._partitions, timeout=LIMIT_S), LIMIT_S)
            ends = self._client.list_offsets(dict.fromkeys(self._partitions, LATEST), request_timeout=LIMIT_S)
            begins = self._client.list_offsets(dict.fromkeys(self._partitions, EARLIEST), request_timeout=LIMIT_S)
            done = {(found.topic, found.partition): found.offset for found in committed}
            return sum(
                ends[partition].result().offset
                - max(done[partition.topic, partition.partition], begins[partition].result().offset)
                for partition in self._partitions
            )
