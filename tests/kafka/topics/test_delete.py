"""The end of a trial run's topics and group."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient

from streams.errors import BrokerError
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.delete import delete_pipeline
from streams.kafka.topics.names import wanted_topics
from tests.broker.apache import ApacheKafka


def test_the_topics_of_the_prefix_go_and_others_stay(apache_kafka: ApacheKafka, prefix: str) -> None:
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    ours = [topic.name for topic in wanted_topics(settings)]
    other = f"{prefix}of-somebody-else"
    apache_kafka.create_topics(dict.fromkeys([*ours[:3], other], 1))
    for _ in range(2):  # what is missing is no error, the first time or the second
        delete_pipeline(settings, f"{prefix}group")
    left = AdminClient({"bootstrap.servers": apache_kafka.bootstrap}).list_topics(timeout=15).topics
    assert {name for name in left if name.startswith(prefix)} == {other}


def test_a_pipeline_without_a_prefix_is_never_deleted() -> None:
    with pytest.raises(ValueError, match="its own topic prefix"):
        delete_pipeline(KafkaSettings(), "straymail")


def test_an_unreachable_broker_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.kafka.topics.delete.LIMIT_S", 1.0)
    with pytest.raises(BrokerError, match=r"can't delete the topics: Kafka at 127\.0\.0\.1:1 didn't answer in time"):
        delete_pipeline(KafkaSettings(brokers="127.0.0.1:1", topic_prefix="test."), "straymail")
