from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest
from aiokafka.conn import create_conn
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from streams.errors import BrokerError, ConfigurationError
from streams.kafka.dataplane.token_provider import TokenProvider
from streams.kafka.security import driver_security, librdkafka_config
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import check_topics
from tests.broker.certificates import KEY_PASSWORD, Authority, missing_tool
from tests.broker.issuer import SCOPE
from tests.broker.secure import CERTIFIED, PASSWORD, USER, SecureKafka
from tests.connections import all_closed


def settings(brokers: str = "kafka1:9092", **security: Any) -> KafkaSettings:
    return KafkaSettings.model_validate({"brokers": brokers, "security": security})


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    reason = missing_tool()
    if reason is not None:
        pytest.skip(reason)
    return Authority(tmp_path_factory.mktemp("authority"))


def test_an_unencrypted_connection_has_an_address_and_a_client_id() -> None:
    assert librdkafka_config(settings()) == {
        "bootstrap.servers": "kafka1:9092",
        "client.id": "straymail",
        "security.protocol": "PLAINTEXT",
    }
    driver = driver_security(settings().security)
    assert (driver.protocol, driver.tls, driver.sasl) == ("PLAINTEXT", None, None)


def test_a_login_is_passed_on_and_in_no_repr() -> None:
    given = settings(protocol="SASL_PLAINTEXT", mechanism="PLAIN", username="me", password="hunter2")  # noqa: S106
    config = librdkafka_config(given)
    assert config["sasl.mechanism"] == "PLAIN"
    assert (config["sasl.username"], config["sasl.password"]) == ("me", "hunter2")
    driver = driver_security(given.security)
    assert driver.tls is None
    assert driver.sasl is not None
    assert (driver.sasl.mechanism, driver.sasl.username, driver.sasl.password) == ("PLAIN", "me", "hunter2")
    assert "hunter2" not in repr(driver)


@pytest.mark.parametrize(
    ("content", "password"), [("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), (" a b ", " a b ")]
)
def test_a_password_comes_from_a_file(tmp_path: Path, content: str, password: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(content.encode())
    given = settings(protocol="SASL_PLAINTEXT", username="me", password_file=file)
    assert librdkafka_config(given)["sasl.password"] == password


def test_a_password_file_is_read_when_a_client_is_created(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("old")
    given = settings(protocol="SASL_PLAINTEXT", username="me", password_file=file)
    file.write_text("new")
    assert librdkafka_config(given)["sasl.password"] == "new"


def test_tls_files_are_passed_on(authority: Authority) -> None:
    certificate, key = authority.sign("both", password=KEY_PASSWORD)
    given = settings(
        protocol="SSL", ca_file=authority.ca_file, cert_file=certificate, key_file=key, key_password=KEY_PASSWORD
    )
    config = librdkafka_config(given)
    assert {name: value for name, value in config.items() if name.startswith("ssl.")} == {
        "ssl.ca.location": str(authority.ca_file),
        "ssl.certificate.location": str(certificate),
        "ssl.key.location": str(key),
        "ssl.key.password": KEY_PASSWORD,
    }
    Producer({**config, "log_level": 0})  # librdkafka reads the same files
    driver = driver_security(given.security)
    assert driver.tls is not None
    assert driver.tls.verify_mode == ssl.CERT_REQUIRED
    assert driver.tls.check_hostname


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"ca_file": "nowhere"}, "security.ca_file: can't read nowhere .No such file or directory"),
        ({"ca_file": "garbage"}, "security.ca_file: garbage contains no PEM certificates"),
        ({"ca_file": "binary"}, "security.ca_file: binary is no text file"),
        ({"ca_file": "."}, "security.ca_file: can't read . .Is a directory"),
        ({"cert_file": "nowhere", "key_file": "key"}, "security.cert_file: can't read nowhere"),
        ({"cert_file": "cert", "key_file": "nowhere"}, "security.key_file: can't read nowhere"),
        ({"cert_file": "cert", "key_file": "garbage"}, "cert and garbage are no PEM certificate and its private key"),
        (
            {"cert_file": "cert", "key_file": "other_key"},
            "cert and other_key are no PEM certificate and its private key",
        ),
        ({"cert_file": "cert", "key_file": "locked"}, "security.key_password doesn't match the key"),
        (
            {"cert_file": "cert", "key_file": "locked", "key_password": "wrong"},
            "security.key_password doesn't match the key",
        ),
        ({"cert_file": "cert", "key_file": "locked", "key_password_file": "nowhere"}, "key_password_file: can't read"),
        (
            {"cert_file": "cert", "key_file": "locked", "key_password_file": "empty"},
            "key_password_file: empty is empty",
        ),
    ],
)
def test_an_invalid_file_is_reported_with_its_setting(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (certificate, key), (_, other_key) = authority.sign("one"), authority.sign("other")
    _, locked = authority.sign("locked", password=KEY_PASSWORD)
    for name, original in {"cert": certificate, "key": key, "other_key": other_key, "locked": locked}.items():
        Path(name).write_bytes(original.read_bytes())
    Path("garbage").write_text("nothing\n")
    Path("binary").write_bytes(bytes(range(128, 256)))
    Path("empty").write_text("\n")
    with pytest.raises(ConfigurationError, match=sentence):
        librdkafka_config(settings(protocol="SSL", **files))


def with_login(kafka: SecureKafka, protocol: str, **changed: Any) -> KafkaSettings:
    login = {"protocol": protocol, "username": USER, "password": PASSWORD}
    authority = {"ca_file": kafka.authority.ca_file} if protocol == "SASL_SSL" else {}
    return settings(kafka.address(protocol), **(login | authority | changed))


def with_token(kafka: SecureKafka, protocol: str, **changed: Any) -> KafkaSettings:
    own = {
        "mechanism": "OAUTHBEARER",
        "token_url": kafka.issuer.token_url,
        "token_scope": SCOPE,
        "token_ca_file": kafka.authority.ca_file,
    }
    return with_login(kafka, protocol, **(own | changed))


def with_certificate(kafka: SecureKafka, **changed: Any) -> KafkaSettings:
    certificate, key = kafka.authority.sign(CERTIFIED, password=KEY_PASSWORD)
    own = {"cert_file": certificate, "key_file": key, "key_password": KEY_PASSWORD}
    return settings(kafka.address("SSL"), **({"protocol": "SSL", "ca_file": kafka.authority.ca_file} | own | changed))


def logins(kafka: SecureKafka) -> list[KafkaSettings]:
    """Each protocol with each mechanism that the settings offer."""
    return [
        with_login(kafka, protocol, mechanism=mechanism)
        for protocol in ("SASL_SSL", "SASL_PLAINTEXT")
        for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
    ] + [with_token(kafka, "SASL_SSL"), with_token(kafka, "SASL_PLAINTEXT"), with_certificate(kafka)]


def test_librdkafka_connects_with_each_login(secure_kafka: SecureKafka) -> None:
    for login in logins(secure_kafka):
        client = AdminClient({**librdkafka_config(login), "log_level": 0})
        assert client.list_topics(timeout=15).brokers


def test_the_asyncio_driver_connects_with_each_login(secure_kafka: SecureKafka) -> None:
    async def connect(kafka: KafkaSettings) -> None:
        driver, (host, port) = driver_security(kafka.security), kafka.brokers.split(":")
        login: dict[str, Any] = {}
        if driver.sasl and driver.sasl.issuer:
            provider = TokenProvider(driver.sasl, driver.sasl.issuer)
            login = {"sasl_mechanism": driver.sasl.mechanism, "sasl_oauth_token_provider": provider}
        elif driver.sasl:
            login = {
                "sasl_mechanism": driver.sasl.mechanism,
                "sasl_plain_username": driver.sasl.username,
                "sasl_plain_password": driver.sasl.password,
            }
        connection = await create_conn(
            host, int(port), security_protocol=driver.protocol, ssl_context=driver.tls, **login
        )
        assert connection.connected()
        await connection.close()
        await all_closed()

    for each in logins(secure_kafka):
        asyncio.run(connect(each))


def test_a_refused_connection_is_reported_with_its_reason(secure_kafka: SecureKafka, authority: Authority) -> None:
    stranger, its_key = authority.sign("stranger")
    wrong = {
        "refused the login .* check security.username": with_login(
            secure_kafka,
            "SASL_SSL",
            password="wrong",  # noqa: S106
        ),
        "refused the login .*SCRAM-SHA-256": with_login(
            secure_kafka, "SASL_PLAINTEXT", username="nobody", mechanism="SCRAM-SHA-256"
        ),
        "no trusted TLS connection .*certificate verify failed": with_login(
            secure_kafka, "SASL_SSL", ca_file=authority.ca_file
        ),
        "no trusted TLS connection .*security.cert_file": with_certificate(
            secure_kafka, cert_file=stranger, key_file=its_key, key_password=None
        ),
        "no trusted TLS connection .*check security.protocol": settings(secure_kafka.bootstrap, protocol="SSL"),
        "closes every connection: set security.protocol": settings(secure_kafka.address("SSL")),
        "token issuer refused the login .*invalid_client.* check security.username": with_token(
            secure_kafka,
            "SASL_SSL",
            password="wrong",  # noqa: S106
        ),
        "token issuer refused the login .*invalid_scope.*security.token_scope": with_token(
            secure_kafka,
            "SASL_SSL",
            token_scope="other",  # noqa: S106
        ),
        "no token from the issuer .*check security.token_url": with_token(
            secure_kafka,
            "SASL_SSL",
            token_url="https://127.0.0.1:1/token",  # noqa: S106
        ),
        "no token from the issuer .*certificate.*security.token_ca_file": with_token(
            secure_kafka, "SASL_SSL", token_ca_file=authority.ca_file
        ),
    }
    for sentence, login in wrong.items():
        with pytest.raises(BrokerError, match=sentence) as raised:
            check_topics(login, limit_s=3)
        assert PASSWORD not in str(raised.value)
