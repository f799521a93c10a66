from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.errors import (
    BrokerError,
    BrokerUnreachable,
    ConfigurationError,
    ConnectionsClosed,
    StraymailError,
    TopicMissing,
)
from streams.kafka.errors import SENTENCES, ConnectionErrors, translate_errors, translated

EVERY_CODE = sorted(
    value for name, value in vars(KafkaError).items() if name.strip("_").isupper() and isinstance(value, int)
)


def error(code: int, text: str | None = None) -> KafkaError:
    return KafkaError(code, text) if text else KafkaError(code)


def test_kinds_of_errors_do_not_overlap() -> None:
    codes = [code for kind, _ in SENTENCES for code in kind]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("code", EVERY_CODE)
def test_every_kafka_error_becomes_one_line(code: int) -> None:
    found = translated(error(code, "reported\n  text"), "read mail.events", "kafka1:9092")
    assert isinstance(found, StraymailError)
    assert str(found).startswith("can't read mail.events: ")
    assert "\n" not in str(found)
    assert "{" not in str(found)


@pytest.mark.parametrize(
    ("code", "kind", "remedy"),
    [
        (KafkaError._AUTHENTICATION, BrokerError, "check security.username, its password and security.mechanism"),
        (KafkaError._SSL, BrokerError, "security.ca_file"),
        (KafkaError._RESOLVE, BrokerUnreachable, "set STRAYMAIL_BROKERS"),
        (KafkaError._ALL_BROKERS_DOWN, ConnectionsClosed, "set security.protocol"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, BrokerError, "grant this user the permission (an ACL)"),
        (KafkaError.NOT_LEADER_FOR_PARTITION, BrokerUnreachable, "answered: as reported"),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, TopicMissing, "run `straymail topics create`"),
        (KafkaError.INVALID_REPLICATION_FACTOR, BrokerError, "change topics.replication_factor"),
        (KafkaError._INVALID_ARG, ConfigurationError, "Kafka's client refuses its settings (as reported)"),
        (KafkaError.POLICY_VIOLATION, BrokerError, "Kafka at kafka1:9092 answered: as reported"),
    ],
)
def test_each_kind_names_a_remedy(code: int, kind: type[StraymailError], remedy: str) -> None:
    found = translated(error(code, "as reported"), "create topics", "kafka1:9092")
    assert type(found) is kind
    assert remedy in str(found)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([], "didn't answer in time (Local: Timed out): try again"),
        (
            [
                (
                    KafkaError._TRANSPORT,
                    "127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: refused (after 1ms in X)",
                )
            ],
            "(Connect to ipv4#127.0.0.1:1 failed: refused)",
        ),
        ([(KafkaError._TRANSPORT, "refused"), (KafkaError._ALL_BROKERS_DOWN, "2/2 down")], "no Kafka broker answers"),
        ([(KafkaError._ALL_BROKERS_DOWN, "2/2 down"), (KafkaError._RESOLVE, "unknown")], "no Kafka broker answers"),
        ([(KafkaError._TRANSPORT, "refused"), (KafkaError._AUTHENTICATION, "wrong")], "refused the login (wrong)"),
        ([(KafkaError._AUTHENTICATION, "wrong"), (KafkaError._SSL, "no")], "refused the login (wrong)"),
        ([(KafkaError._TRANSPORT, "refused"), (KafkaError._TRANSPORT, "SSL alert")], "no trusted TLS connection"),
        ([(KafkaError._ALL_BROKERS_DOWN, "2/2 down")], "closes every connection: set security.protocol"),
    ],
)
def test_a_request_that_timed_out_is_reported_with_its_reason(seen: list[tuple[int, str]], expected: str) -> None:
    errors = ConnectionErrors()
    for code, text in seen:
        errors(error(code, text))
    assert expected in str(translated(error(KafkaError._TIMED_OUT), "reach Kafka", "kafka1:9092", errors))


def test_a_refusal_is_reported_whatever_connection_errors_came_before() -> None:
    errors = ConnectionErrors()
    errors(error(KafkaError._TRANSPORT, "refused"))
    found = translated(error(KafkaError.TOPIC_AUTHORIZATION_FAILED), "read", "kafka1:9092", errors)
    assert "doesn't allow it" in str(found)


def test_pending_connection_errors_are_polled_before_the_translation() -> None:
    errors = ConnectionErrors()

    def poll(timeout: float) -> None:
        errors(error(KafkaError._AUTHENTICATION, "wrong password"))

    with pytest.raises(BrokerError, match="wrong password"), translate_errors("read", "kafka1:9092", errors, poll):
        raise KafkaException(error(KafkaError._TIMED_OUT))
