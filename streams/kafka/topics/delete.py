"""Taking away what a trial run made on somebody's Kafka: its topics and its consumer group."""

from __future__ import annotations

import time

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from streams.clock import monotonic
from streams.kafka.errors import Reasons, quiet_config, told
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import wanted_topics

LIMIT_S = 15.0
GONE = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.GROUP_ID_NOT_FOUND})


def delete_pipeline(settings: KafkaSettings, group: str) -> None:
    """Delete the topics with the settings' prefix and the consumer group, once it has no members; raises BrokerError.

    What isn't there is left out. An empty prefix is refused with ValueError: those topics are nobody's trial.
    """
    if not settings.topic_prefix:
        raise ValueError("only a pipeline with a topic prefix of its own is deleted")
    reasons = Reasons()
    with told("delete the topics", settings.brokers, reasons):
        admin = AdminClient(quiet_config(settings, reasons))
        _delete_group(admin, group)
        names = [topic.name for topic in wanted_topics(settings)]
        for future in admin.delete_topics(names, request_timeout=LIMIT_S, operation_timeout=LIMIT_S).values():
            _unless_gone(future.exception())


def _delete_group(admin: AdminClient, group: str) -> None:
    """A worker that has just left may still be counted as a member for a moment."""
    until = monotonic() + LIMIT_S
    while True:
        error = admin.delete_consumer_groups([group], request_timeout=LIMIT_S)[group].exception()
        members_left = isinstance(error, KafkaException) and error.args[0].code() == KafkaError.NON_EMPTY_GROUP
        if not members_left or monotonic() > until:
            _unless_gone(error)
            return
        time.sleep(0.5)


def _unless_gone(error: BaseException | None) -> None:
    if error is not None and not (isinstance(error, KafkaException) and error.args[0].code() in GONE):
        raise error
