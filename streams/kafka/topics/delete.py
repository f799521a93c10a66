"""Deletes what a trial run has created in Kafka: its topics and its consumer group."""

from __future__ import annotations

import time

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from streams.clock import monotonic
from streams.kafka.errors import ConnectionErrors, quiet_config, translate_errors
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import wanted_topics

LIMIT_S = 15.0
RETRY_S = 0.5
NOT_FOUND = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.GROUP_ID_NOT_FOUND})
SOON_OVER = frozenset(
    {
        KafkaError.NON_EMPTY_GROUP,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
    }
)
"""A worker that has just left may still be a member, and a coordinator that has just begun reads its groups first."""


def delete_pipeline(settings: KafkaSettings, group: str) -> None:
    """Delete the topics with the settings' prefix, and the consumer group once it has no members; raises BrokerError.

    Missing ones are skipped. An empty prefix is refused with ValueError: topics without one belong to no trial run.
    """
    if not settings.topic_prefix:
        raise ValueError("only a pipeline with its own topic prefix can be deleted")
    errors = ConnectionErrors()
    with translate_errors("delete the topics", settings.brokers, errors):
        admin = AdminClient(quiet_config(settings, errors))
        delete_group(admin, group)
        names = [topic.name for topic in wanted_topics(settings)]
        for future in admin.delete_topics(names, request_timeout=LIMIT_S, operation_timeout=LIMIT_S).values():
            _raise_unless_not_found(future.exception())


def delete_group(admin: AdminClient, group: str) -> None:
    """Delete the group, and retry for LIMIT_S where the reason against it is soon over."""
    until = monotonic() + LIMIT_S
    while True:
        error = admin.delete_consumer_groups([group], request_timeout=LIMIT_S)[group].exception()
        if not _is_one_of(error, SOON_OVER) or monotonic() > until:
            _raise_unless_not_found(error)
            return
        time.sleep(RETRY_S)


def _raise_unless_not_found(error: BaseException | None) -> None:
    if error is not None and not _is_one_of(error, NOT_FOUND):
        raise error


def _is_one_of(error: BaseException | None, codes: frozenset[int]) -> bool:
    return isinstance(error, KafkaException) and error.args[0].code() in codes
