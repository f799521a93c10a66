"""Creating and checking topics on a real Kafka: the embedded broker supports neither."""

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


def test_created_topics_pass_the_check(real: KafkaSettings) -> None:
    assert len(check_topics(real)) == len(astuple(topic_names(real)))
    assert sorted(create_topics(real)) == sorted(astuple(topic_names(real)))
    assert check_topics(real) == []


def test_creating_again_creates_missing_topics_and_changes_nothing(
    apache_kafka: ApacheKafka, real: KafkaSettings
) -> None:
    apache_kafka.create_topics({topic_names(real).alerts: 1}, {"retention.ms": "60000"})
    assert topic_names(real).alerts not in create_topics(real)
    assert create_topics(real) == []
    found = "; ".join(map(str, check_topics(real)))
    assert "retention.ms is 60000" in found
    assert "it has 1 partition," in found
    assert "cleanup.policy is delete" in found


def test_a_state_topic_with_another_number_of_partitions_is_refused(
    apache_kafka: ApacheKafka, real: KafkaSettings
) -> None:
    names = topic_names(real)
    apache_kafka.create_topics({names.typo_hits: 2, names.typo_hits_state: 1})
    create_topics(real)  # returns when the brokers know all of them
    with pytest.raises(BrokerError, match=f"{names.typo_hits_state}: it has 1 partition, and .* has 2: start again"):
        partition_counts(real, [names.typo_hits, names.typo_hits_state])


def test_workers_that_start_at_once_create_each_topic_once(real: KafkaSettings) -> None:
    with ThreadPoolExecutor(4) as pool:
        created = [name for names in pool.map(create_topics, [real] * 4) for name in names]
    assert sorted(created) == sorted(astuple(topic_names(real)))
    assert check_topics(real) == []


def test_hit_topics_with_another_number_of_partitions_than_the_settings_are_an_error(real: KafkaSettings) -> None:
    create_topics(real)
    changed = real.model_copy(update={"topics": TopicSettings(hits_partitions=16, events_partitions=1)})
    found = check_topics(changed)
    assert len(found) == 4
    assert all(problem.error and "topics.hits_partitions to 8" in problem.remedy for problem in found)


def test_more_replicas_than_brokers_are_refused_in_one_sentence(real: KafkaSettings) -> None:
    greedy = real.model_copy(update={"topics": TopicSettings(replication_factor=3)})
    with pytest.raises(BrokerError, match=r"can't create topic .*refuses .*: change topics.replication_factor"):
        create_topics(greedy)


@pytest.mark.parametrize("call", [create_topics, check_topics])
def test_an_unreachable_broker_is_reported(call: Callable[[KafkaSettings, float], object]) -> None:
    with pytest.raises(BrokerError, match=r"can't reach Kafka: no Kafka broker answers at 127\.0\.0\.1:1 .*refused"):
        call(KafkaSettings(brokers="127.0.0.1:1"), 1.0)


def test_missing_permissions_are_reported_one_by_one(secure_kafka: SecureKafka, prefix: str) -> None:
    superuser = KafkaSettings(brokers=secure_kafka.bootstrap, topic_prefix=prefix)
    login = SecuritySettings(protocol="SASL_PLAINTEXT", username=USER, password=SecretStr(PASSWORD))
    user = superuser.model_copy(update={"brokers": secure_kafka.address("SASL_PLAINTEXT"), "security": login})
    alerts = topic_names(user).alerts
    with pytest.raises(BrokerError, match=r"can't create topic .*doesn't allow it .*\(an ACL\)"):
        create_topics(user)
    create_topics(superuser)
    produce(secure_kafka, alerts, [b"alert"], key=b"finding")
    assert {problem.what for problem in check_topics(user)} == {"there is no such topic"}
    with pytest.raises(BrokerError, match=rf"can't read {alerts}: .*doesn't allow it"):
        list(read_to_end(user, alerts))

    allow(secure_kafka, prefix, AclOperation.DESCRIBE)
    unseen = {"its configuration can't be checked"}
    eventually(lambda: {problem.what for problem in check_topics(user)} == unseen)
    assert create_topics(user) == []  # all exist, so no permission to create them is needed
    with pytest.raises(BrokerError, match=rf"can't read {alerts}: .*doesn't allow it"):
        list(read_to_end(user, alerts))

    allow(secure_kafka, prefix, AclOperation.DESCRIBE_CONFIGS)
    eventually(lambda: check_topics(user) == [])

    allow(secure_kafka, prefix, AclOperation.READ)  # on the topics alone: a reader needs no permission for a group
    eventually(lambda: can_read(user, alerts))


def can_read(settings: KafkaSettings, topic: str) -> bool:
    try:
        return [record.value for record in read_to_end(settings, topic)] == [b"alert"]
    except BrokerError as error:
        if "doesn't allow it" not in str(error):
            raise
        return False


def eventually(holds: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until the condition holds: a broker applies a new ACL a moment after it has accepted it."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "the condition never held"


def allow(kafka: ApacheKafka, prefix: str, operation: AclOperation) -> None:
    """Allow the user an operation on all topics with the prefix."""
    who = (ResourceType.TOPIC, prefix, ResourcePatternType.PREFIXED, f"User:{USER}", "*")
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    for future in admin.create_acls([AclBinding(*who, operation, AclPermissionType.ALLOW)]).values():
        future.result(15)
