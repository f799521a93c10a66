"""The end of a trial run's topics and group."""

from __future__ import annotations

from concurrent.futures import Future

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from streams.errors import BrokerError
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.delete import SOON_OVER, delete_group, delete_pipeline
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


class Coordinator:
    """An AdminClient's way to delete a group, refused with these codes in turn: a real one is seldom just starting."""

    def __init__(self, codes: list[int]) -> None:
        self.codes = codes

    def delete_consumer_groups(self, groups: list[str], **_: float) -> dict[str, Future[None]]:
        done: Future[None] = Future()
        if self.codes:
            done.set_exception(KafkaException(KafkaError(self.codes.pop(0))))
        else:
            done.set_result(None)
        return dict.fromkeys(groups, done)


@pytest.mark.parametrize("code", sorted(SOON_OVER))
def test_a_group_is_deleted_once_its_coordinator_is_ready(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.kafka.topics.delete.RETRY_S", 0.001)
    coordinator = Coordinator([code, code])
    delete_group(coordinator, "group")  # type: ignore[arg-type]
    assert coordinator.codes == []


def test_a_refusal_for_good_and_one_that_never_ends_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Coordinator([KafkaError.GROUP_AUTHORIZATION_FAILED])
    with pytest.raises(KafkaException):
        delete_group(refused, "group")  # type: ignore[arg-type]
    monkeypatch.setattr("streams.kafka.topics.delete.LIMIT_S", 0.0)
    with pytest.raises(KafkaException):
        delete_group(Coordinator([KafkaError.COORDINATOR_LOAD_IN_PROGRESS] * 9), "group")  # type: ignore[arg-type]


def test_an_unreachable_broker_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.kafka.topics.delete.LIMIT_S", 1.0)
    with pytest.raises(BrokerError, match=r"can't delete the topics: Kafka at 127\.0\.0\.1:1 didn't answer in time"):
        delete_pipeline(KafkaSettings(brokers="127.0.0.1:1", topic_prefix="test."), "straymail")
