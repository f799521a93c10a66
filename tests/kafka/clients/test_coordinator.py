"""The coordinator of a group, of a new Kafka and of one that refuses."""

from __future__ import annotations

from time import monotonic

import pytest
from pydantic import SecretStr

from streams.kafka.clients.coordinator import LIMIT_S, wait_for_coordinator
from streams.kafka.settings import KafkaSettings, SecuritySettings
from tests.broker.contract import Broker
from tests.broker.secure import PASSWORD, USER, SecureKafka


def test_a_group_that_nobody_has_joined_has_a_coordinator(broker: Broker, prefix: str) -> None:
    broker.create_topics({f"{prefix}in": 1})
    wait_for_coordinator(KafkaSettings(brokers=broker.bootstrap), f"{prefix}group", f"{prefix}in")


def test_a_missing_permission_is_left_to_the_join(secure_kafka: SecureKafka, prefix: str) -> None:
    secure_kafka.create_topics({f"{prefix}in": 1})
    login = SecuritySettings(protocol="SASL_PLAINTEXT", username=USER, password=SecretStr(PASSWORD))
    user = KafkaSettings(brokers=secure_kafka.address("SASL_PLAINTEXT"), security=login)
    wait_for_coordinator(user, f"{prefix}group", f"{prefix}in")


@pytest.mark.process
def test_a_broker_that_does_not_answer_is_left_to_the_join() -> None:
    begin = monotonic()
    wait_for_coordinator(KafkaSettings(brokers="127.0.0.1:1"), "group", "in")
    assert monotonic() - begin < LIMIT_S + 10
