from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from streams.kafka.settings import KafkaSettings, SecuritySettings, TopicSettings, parse_brokers

SECRET = "hunter2-hunter2"  # noqa: S105


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("127.0.0.1:9092", "127.0.0.1:9092"),
        (" kafka1:9092 , kafka2.example.org:19092", "kafka1:9092,kafka2.example.org:19092"),
        (["kafka1:9092", "kafka2:9092"], "kafka1:9092,kafka2:9092"),
        ("[::1]:9092", "[::1]:9092"),
        ("my_host-1:65535", "my_host-1:65535"),
    ],
)
def test_brokers_are_a_list_of_addresses(value: str | list[str], expected: str) -> None:
    assert parse_brokers(value) == expected
    assert KafkaSettings.model_validate({"brokers": value}).brokers == expected


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("kafka1", "'kafka1' is no broker's address: write host:port, such as kafka1:9092"),
        ("kafka1:9092,", "'' is no broker's address"),
        ("", "'' is no broker's address"),
        ("kafka://kafka1:9092", "'kafka://kafka1:9092' is no broker's address"),
        ("PLAINTEXT://kafka1:9092", "is no broker's address"),
        ("kafka1:0", "'kafka1:0' has no valid port: it is between 1 and 65535"),
        ("kafka1:65536", "'kafka1:65536' has no valid port"),
        ("::1:9092", "'::1:9092' is no broker's address"),
        (["kafka1:9092", None], "'None' is no broker's address"),
        ([], "brokers is a list of host:port"),
        (9092, "brokers is a list of host:port"),
    ],
)
def test_an_invalid_address_is_reported(value: object, sentence: str) -> None:
    with pytest.raises(ValidationError) as raised:
        KafkaSettings.model_validate({"brokers": value})
    (error,) = raised.value.errors()
    assert error["loc"] == ("brokers",)
    assert sentence in error["msg"]


SASL = {"protocol": "SASL_SSL", "username": "straymail", "password": SECRET}
TOKEN = SASL | {"mechanism": "OAUTHBEARER", "token_url": "https://issuer.example.org/token"}
TLS = {"protocol": "SSL", "cert_file": "c.pem", "key_file": "c.key"}


@pytest.mark.parametrize(
    "given",
    [
        {},
        SASL,
        SASL | {"protocol": "SASL_PLAINTEXT", "mechanism": "PLAIN"},
        {"protocol": "SASL_SSL", "username": "straymail", "password_file": "secret", "ca_file": "ca.pem"},
        {"protocol": "SSL"},
        TLS | {"key_password": SECRET},
        SASL | TLS | {"protocol": "SASL_SSL", "key_password_file": "secret"},
        TOKEN,
        TOKEN | {"token_scope": "kafka", "token_ca_file": "issuer.pem", "protocol": "SASL_PLAINTEXT"},
        TOKEN | {"token_url": "http://127.0.0.1:8080/token"},
        TOKEN | {"token_url": "http://localhost/token"},
    ],
)
def test_complete_security_settings(given: dict[str, Any]) -> None:
    security = SecuritySettings.model_validate(given)
    assert security.uses_sasl == security.protocol.startswith("SASL")
    assert security.uses_tls == ("SSL" in security.protocol)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"protocol": "SASL_SSL"}, "needs security.username, and security.password or security.password_file"),
        ({"protocol": "SASL_SSL", "username": "straymail"}, "needs security.username, and security.password"),
        ({"protocol": "SASL_SSL", "password": SECRET, "password_file": "secret"}, "are both set: keep one of them"),
        ({"protocol": "SASL_SSL", "password": SECRET}, "needs security.username"),
        (
            {"username": "straymail"},
            "security.username is set but security.protocol is PLAINTEXT, which never sends it",
        ),
        ({"protocol": "SSL", "password": SECRET}, "security.password is set but security.protocol is SSL"),
        (SASL | {"password_file": "secret"}, "security.password and security.password_file are both set"),
        (SASL | {"protocol": "SASL_PLAINTEXT", "ca_file": "ca.pem"}, "security.ca_file is set but .* has no TLS"),
        ({"cert_file": "c.pem", "key_file": "c.key"}, "security.cert_file is set but .* PLAINTEXT, which has no TLS"),
        ({"protocol": "SSL", "cert_file": "c.pem"}, "cert_file and security.key_file belong together"),
        ({"protocol": "SSL", "key_password": SECRET}, "security.key_password is set without security.key_file"),
        (
            TLS | {"key_password": SECRET, "key_password_file": "f"},
            "key_password and security.key_password_file are both",
        ),
        (SASL | {"username": ""}, "at least 1 character"),
        (SASL | {"mechanism": "GSSAPI"}, "'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512' or 'OAUTHBEARER'"),
        (SASL | {"mechanism": "OAUTHBEARER"}, "OAUTHBEARER needs security.token_url"),
        (SASL | {"token_url": "https://issuer.example.org/token"}, "security.token_url is set, which only"),
        ({"token_scope": "kafka"}, "security.token_scope is set, which only"),
        (TOKEN | {"token_url": "http://issuer.example.org/token"}, "security.token_url begins with https://"),
        (TOKEN | {"token_url": "http://localhost.example.org/"}, "security.token_url begins with https://"),
        (TOKEN | {"token_url": "issuer.example.org/token"}, "security.token_url begins with https://"),
        (TOKEN | {"token_url": "https://[issuer/token"}, "security.token_url begins with https://"),
        (SASL | {"passwort": SECRET}, "Extra inputs are not permitted"),
        (SASL | {"password": [SECRET]}, "valid string"),
    ],
)
def test_incomplete_security_settings_are_reported_without_their_secrets(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence) as raised:
        KafkaSettings.model_validate({"security": given})
    assert SECRET not in str(raised.value)


def test_no_repr_has_a_secret() -> None:
    settings = KafkaSettings(security=SecuritySettings(protocol="SASL_SSL", username="me", password=SecretStr(SECRET)))
    for text in (repr(settings), str(settings), settings.model_dump_json()):
        assert SECRET not in text


@pytest.mark.parametrize("prefix", ["", "history.", "test_1-"])
def test_valid_topic_prefixes(prefix: str) -> None:
    assert KafkaSettings(topic_prefix=prefix).topic_prefix == prefix


@pytest.mark.parametrize("prefix", ["a/b", "a b", "ä", "a\n", "x" * 201])
def test_invalid_topic_prefixes(prefix: str) -> None:
    with pytest.raises(ValidationError, match="topic_prefix"):
        KafkaSettings(topic_prefix=prefix)


@pytest.mark.parametrize(
    "given", [{"replication_factor": 0}, {"events_partitions": 0}, {"hits_days": 0}, {"alerts_days": 7}]
)
def test_invalid_topic_settings(given: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match=next(iter(given))):
        TopicSettings.model_validate(given)


def test_settings_read_no_file() -> None:
    assert SecuritySettings(protocol="SSL", ca_file=Path("/nowhere")).ca_file == Path("/nowhere")
