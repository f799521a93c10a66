"""The coordinator of a consumer group, before the group is joined."""

from __future__ import annotations

from contextlib import suppress

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.kafka.clients.consumer import with_retries
from streams.kafka.errors import ConnectionErrors, quiet_config
from streams.kafka.settings import KafkaSettings

LIMIT_S = 10.0


def wait_for_coordinator(settings: KafkaSettings, group: str, topic: str) -> None:
    """Return when the group has a coordinator that answers, after LIMIT_S at the latest; `topic` is one that exists.

    A new Kafka creates the topic of its groups' offsets at the first request for a coordinator, and answers until then
    that there is none: aiokafka would log that as an error, and each retry as a coordinator that died. A failure, such
    as a missing permission, is left to the join, which reports it better.
    """
    asked = [TopicPartition(topic, 0)]
    client = Consumer(quiet_config(settings, ConnectionErrors()) | {"group.id": group, "enable.auto.commit": False})
    try:
        with suppress(KafkaException):
            with_retries(lambda: client.committed(asked, timeout=LIMIT_S), LIMIT_S)
    finally:
        client.close()
