"""Making and checking topics, on a real Kafka: the embedded broker can do neither."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)
from pydantic import SecretStr

from streams.errors import BrokerError
from streams.kafka.clients.read import read_to_end
from streams.kafka.settings import KafkaSettings, SecuritySettings, TopicSettings
from streams.kafka.topics.admin import check_topics, create_topics, partition_counts
from streams.kafka.topics.names import topic_names
from tests.broker.apache import ApacheKafka
from tests.broker.contract import produce
from tests.broker.secure import PASSWORD, USER, SecureKafka


@pytest.fixture
def real(apache_kafka: ApacheKafka, prefix: str) -> KafkaSettings:
    return KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)


def test_what_create_makes_check_finds_good(real: KafkaSettings) -> None:
    assert len(check_topics(real)) == 7
    assert sorted(create_topics(real)) == sorted(astuple(topic_names(real)))
    assert check_topics(real) == []


def test_creating_again_makes_what_is_missing_and_changes_nothing(
    apache_kafka: ApacheKafka, real: KafkaSettings
) -> None:
    apache_kafka.create_topics({topic_names(real).alerts: 1}, {"retention.ms": "60000"})
    assert topic_names(real).alerts not in create_topics(real)
    assert create_topics(real) == []
    found = "; ".join(map(str, check_topics(real)))
    assert "retention.ms is 60000" in found
    assert "it has 1 partitions" in found
    assert "cleanup.policy is delete" in found


def test_a_worker_is_told_of_a_state_topic_that_does_not_fit(apache_kafka: ApacheKafka, real: KafkaSettings) -> None:
    names = topic_names(real)
    apache_kafka.create_topics({names.typo_hits: 2, names.typo_hits_state: 1})
    create_topics(real)  # returns when the brokers know all of them
    with pytest.raises(BrokerError, match=f"{names.typo_hits_state}: it has 1 partitions, and .* has 2: start anew"):
        partition_counts(real, [names.typo_hits, names.typo_hits_state])


def test_workers_that_start_at_once_make_each_topic_once(real: KafkaSettings) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [name for names in pool.map(create_topics, [real] * 4) for name in names]
    assert sorted(made) == sorted(astuple(topic_names(real)))
    assert check_topics(real) == []


def test_hit_topics_of_another_size_than_the_settings_are_an_error(real: KafkaSettings) -> None:
    create_topics(real)
    changed = real.model_copy(update={"topics": TopicSettings(hits_partitions=16, events_partitions=1)})
    found = check_topics(changed)
    assert len(found) == 4
    assert all(problem.error and "topics.hits_partitions to 8" in problem.remedy for problem in found)


def test_more_copies_than_brokers_are_refused_in_a_sentence(real: KafkaSettings) -> None:
    greedy = real.model_copy(update={"topics": TopicSettings(replication_factor=3)})
    with pytest.raises(BrokerError, match=r"can't create topic .*refuses .*: change topics.replication_factor"):
        create_topics(greedy)


@pytest.mark.parametrize("call", [create_topics, check_topics])
def test_nobody_at_the_address_is_told(call: Callable[[KafkaSettings, float], object]) -> None:
    with pytest.raises(BrokerError, match=r"can't reach Kafka: no Kafka broker answers at 127\.0\.0\.1:1 .*refused"):
        call(KafkaSettings(brokers="127.0.0.1:1"), 1.0)


def test_rights_that_are_missing_are_told_one_by_one(secure_kafka: SecureKafka, prefix: str) -> None:
    by_hand = KafkaSettings(brokers=secure_kafka.bootstrap, topic_prefix=prefix)
    login = SecuritySettings(protocol="SASL_PLAINTEXT", username=USER, password=SecretStr(PASSWORD))
    ours = by_hand.model_copy(update={"brokers": secure_kafka.address("SASL_PLAINTEXT"), "security": login})
    alerts = topic_names(ours).alerts
    with pytest.raises(BrokerError, match=r"can't create topic .*doesn't allow it .*\(an ACL\)"):
        create_topics(ours)
    create_topics(by_hand)
    produce(secure_kafka, alerts, [b"alert"], key=b"finding")
    assert {problem.what for problem in check_topics(ours)} == {"there is no such topic"}
    with pytest.raises(BrokerError, match=rf"can't read {alerts}: .*doesn't allow it"):
        list(read_to_end(ours, alerts))

    allow(secure_kafka, prefix, AclOperation.DESCRIBE)
    unseen = {"its configuration can't be checked"}
    eventually(lambda: {problem.what for problem in check_topics(ours)} == unseen)
    assert create_topics(ours) == []  # all are there, so no right to make them is asked for
    with pytest.raises(BrokerError, match=rf"can't read {alerts}: .*doesn't allow it"):
        list(read_to_end(ours, alerts))

    allow(secure_kafka, prefix, AclOperation.DESCRIBE_CONFIGS)
    eventually(lambda: check_topics(ours) == [])

    allow(secure_kafka, prefix, AclOperation.READ)  # on the topics alone: a reader needs no right to a group
    eventually(lambda: can_read(ours, alerts))


def can_read(settings: KafkaSettings, topic: str) -> bool:
    try:
        return [record.value for record in read_to_end(settings, topic)] == [b"alert"]
    except BrokerError as error:
        if "doesn't allow it" not in str(error):
            raise
        return False


def eventually(holds: Callable[[], bool], seconds: float = 15) -> None:
    """A broker follows a new right a moment after it has taken it."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"


def allow(kafka: ApacheKafka, prefix: str, operation: AclOperation) -> None:
    """Give the user a right to all topics with the prefix."""
    who = (ResourceType.TOPIC, prefix, ResourcePatternType.PREFIXED, f"User:{USER}", "*")
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    for future in admin.create_acls([AclBinding(*who, operation, AclPermissionType.ALLOW)]).values():
        future.result(15)
