"""How much a consumer group has left to read, looked at from outside of it."""

from __future__ import annotations

from collections.abc import Iterable

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from streams.kafka.clients.consumer import answered
from streams.kafka.errors import Reasons, quiet_config, told
from streams.kafka.settings import KafkaSettings

LIMIT_S = 15.0
EARLIEST, LATEST = OffsetSpec.earliest(), OffsetSpec.latest()  # type: ignore[no-untyped-call]  # confluent-kafka's


class GroupWatch:
    """Looks at one group and some topics; the partitions are those that the topics have when it is made."""

    def __init__(self, settings: KafkaSettings, group: str, topics: Iterable[str]) -> None:
        """Raises BrokerError where Kafka doesn't answer or hasn't the topics."""
        self._brokers, self._group, self._reasons = settings.brokers, group, Reasons()
        with told("reach Kafka", self._brokers, self._reasons):
            self._client = AdminClient(quiet_config(settings, self._reasons))
            # An AdminClient can list a group's offsets too, but ends in a segmentation fault where the group's
            # coordinator goes away meanwhile (confluent-kafka 2.x). This consumer joins nothing.
            self._offsets = Consumer(
                quiet_config(settings, self._reasons) | {"group.id": group, "enable.auto.commit": False}
            )
            metadata = self._client.list_topics(timeout=LIMIT_S).topics
            self._partitions = [
                TopicPartition(topic, partition) for topic in topics for partition in metadata[topic].partitions
            ]

    def left(self) -> int:
        """Records that are there and not committed by the group. Raises BrokerError."""
        with told(f"read the offsets of group {self._group}", self._brokers, self._reasons):
            committed = answered(lambda: self._offsets.committed(self._partitions, timeout=LIMIT_S), LIMIT_S)
            ends = self._client.list_offsets(dict.fromkeys(self._partitions, LATEST), request_timeout=LIMIT_S)
            begins = self._client.list_offsets(dict.fromkeys(self._partitions, EARLIEST), request_timeout=LIMIT_S)
            done = {(found.topic, found.partition): found.offset for found in committed}
            return sum(
                ends[partition].result().offset
                - max(done[partition.topic, partition.partition], begins[partition].result().offset)
                for partition in self._partitions
            )
