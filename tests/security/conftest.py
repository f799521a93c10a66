"""A pipeline on a broker with authentication; its client logs in with a password or a certificate."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from streams import cli
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import topic_names
from tests.broker.certificates import KEY_PASSWORD
from tests.broker.secure import CERTIFIED, PASSWORD, USER, SecureKafka
from tests.cli.conftest import CommandResult
from tests.security.acls import Acls

Run = Callable[..., CommandResult]
PRINCIPALS = {"SASL_SSL": f"User:{USER}", "SSL": f"User:CN={CERTIFIED}"}
PRIVACY_KEY = "the secret key of these tests"


@pytest.fixture(params=["SASL_SSL", "SSL"])
def login(request: pytest.FixtureRequest, secure_kafka: SecureKafka) -> dict[str, str]:
    """The environment of a client that uses SCRAM-SHA-512 over TLS, or a certificate (mutual TLS)."""
    return login_by(secure_kafka, request.param)


def login_by(kafka: SecureKafka, protocol: str) -> dict[str, str]:
    """The settings of a login, named as in the environment without STRAYMAIL_."""
    common = {
        "BROKERS": kafka.address(protocol),
        "SECURITY_PROTOCOL": protocol,
        "SECURITY_CA_FILE": str(kafka.authority.ca_file),
        "PRIVACY_KEY": PRIVACY_KEY,
        "OWN_DOMAINS": "mod.gov.uk",
    }
    if protocol == "SASL_SSL":
        return common | {"SECURITY_USERNAME": USER, "SECURITY_PASSWORD": PASSWORD}
    certificate, key = kafka.authority.sign(CERTIFIED, password=KEY_PASSWORD)
    return common | {
        "SECURITY_CERT_FILE": str(certificate),
        "SECURITY_KEY_FILE": str(key),
        "SECURITY_KEY_PASSWORD": KEY_PASSWORD,
    }


@pytest.fixture
def admin(secure_kafka: SecureKafka, prefix: str) -> KafkaSettings:
    """A superuser's settings; the pipeline's topics are created with them."""
    settings = KafkaSettings.model_validate(
        {"brokers": secure_kafka.bootstrap, "topic_prefix": prefix, "topics": {"replication_factor": 1}}
    )
    create_topics(settings, 60)
    return settings


@pytest.fixture
def acls(secure_kafka: SecureKafka, admin: KafkaSettings, login: dict[str, str]) -> Iterator[Acls]:
    principal = PRINCIPALS[login["SECURITY_PROTOCOL"]]
    acls = Acls(secure_kafka.bootstrap, principal, topic_names(admin), admin.topic_prefix)
    acls.revoke_all()
    yield acls
    acls.revoke_all()


@pytest.fixture
def run(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, login: dict[str, str], prefix: str
) -> Run:
    """Runs a command line in this process, with the login in its environment; settings by name override it."""

    def run(*arguments: str, **settings: str) -> CommandResult:
        for name, value in {**login, "TOPIC_PREFIX": prefix, **settings}.items():
            monkeypatch.setenv(f"STRAYMAIL_{name}", value)
        capfdbinary.readouterr()
        status = cli.run(list(arguments))
        captured = capfdbinary.readouterr()
        return CommandResult(status, captured.out, captured.err.decode())

    return run
