"""`straymail check` reports line by line whether a worker could start."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.data.samples import watchlist_file
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.cli.conftest import CommandResult, RunCommand
from tests.name_server import NameServer


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything but Kafka is configured; returns the watchlist file."""
    watchlist = tmp_path / "watchlist.yaml"
    watchlist.write_text(watchlist_file().read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setenv("STRAYMAIL_WATCHLIST", str(watchlist))
    monkeypatch.setenv("STRAYMAIL_PRIVACY_KEY", "a secret of this test")
    monkeypatch.setenv("STRAYMAIL_OWN_DOMAINS", "mod.gov.uk")
    return watchlist


def levels(done: CommandResult) -> dict[str, str]:
    """The worst level of each subject."""
    return {
        str(row["subject"]): str(row["level"]) for row in sorted(done.rows, key=lambda row: str(row["level"]) != "ok")
    }


def test_all_is_well(ready: Path, run: RunCommand) -> None:
    done = run("check", "--offline", "--strict")
    assert done.exit_code == 0
    assert levels(done) == dict.fromkeys(("configuration", "watchlist", "privacy", "own_domains", "knowledge"), "ok")


def test_warnings_count_with_strict(ready: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRAYMAIL_PRIVACY_KEY")
    monkeypatch.delenv("STRAYMAIL_OWN_DOMAINS")
    done = run("check", "--offline")
    assert done.exit_code == 0
    assert (levels(done)["privacy"], levels(done)["own_domains"]) == ("warning", "warning")
    assert run("check", "--offline", "--strict").exit_code == 1


@pytest.mark.parametrize(
    ("settings", "level", "what"),
    [
        ({}, "ok", "mail with domains near watched ones is remembered, and persons at watched ones"),
        ({"KNOWLEDGE_PERSONS": "false"}, "ok", "mail with domains near watched ones is remembered; persons are not"),
        ({"KNOWLEDGE_ENABLED": "false"}, "ok", "off"),
        ({"OWN_DOMAINS": ""}, "warning", "nothing is remembered of earlier mail, since own_domains is not set"),
        ({"PRIVACY_KEY": "straymail"}, "warning", "persons are not remembered"),
    ],
)
def test_whether_earlier_mail_is_remembered(
    ready: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], level: str, what: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"STRAYMAIL_{name}", value)
    [line] = [row for row in run("check", "--offline").rows if row["subject"] == "knowledge"]
    assert line["level"] == level
    assert str(line["what"]).startswith(what)


@pytest.mark.parametrize(
    ("key", "bits", "found"),
    [
        (b"k", 0o666, {"privacy": "error", "privacy.key_file": "warning"}),
        (b"k", 0o600, {"privacy": "error"}),
        (b"fifteen bytes..\n", 0o600, {"privacy": "error"}),
        (b"sixteen bytes...\n", 0o644, {"privacy": "ok", "privacy.key_file": "warning"}),
        (b"sixteen bytes...\n", 0o600, {"privacy": "ok"}),
        (b"\n", 0o600, {"privacy": "error"}),
    ],
)
def test_a_key_is_long_and_its_file_is_closed_to_others(
    ready: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch, key: bytes, bits: int, found: dict[str, str]
) -> None:
    file = ready.with_name("privacy.key")
    file.write_bytes(key)
    file.chmod(bits)
    monkeypatch.delenv("STRAYMAIL_PRIVACY_KEY")
    monkeypatch.setenv("STRAYMAIL_PRIVACY_KEY_FILE", str(file))
    done = run("check", "--offline")
    assert done.exit_code == (2 if "error" in found.values() else 0)
    assert {name: level for name, level in levels(done).items() if name.startswith("privacy")} == found
    assert (f"run chmod 600 {file}" in done.out.decode()) == (bits != 0o600)


def test_a_short_key_in_the_environment_is_an_error(
    ready: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("short", ""):
        monkeypatch.setenv("STRAYMAIL_PRIVACY_KEY", key)
        assert levels(run("check", "--offline"))["privacy"] == "error"


def test_every_file_with_a_secret_is_looked_at(ready: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ready.with_name("secret")
    file.write_text("a secret of sixteen bytes or more")
    file.chmod(0o640)
    names = ("SECURITY_PASSWORD_FILE", "CONSOLE_TOKEN_FILE", "NOTIFY_SMTP_PASSWORD_FILE")
    own = {"SECURITY_PROTOCOL": "SASL_PLAINTEXT", "SECURITY_USERNAME": "worker"}
    for name, value in {**own, **dict.fromkeys(names, str(file))}.items():
        monkeypatch.setenv(f"STRAYMAIL_{name}", value)
    found = levels(run("check", "--offline"))
    subjects = ("security.password_file", "console.token_file", "notify.smtp_password_file")
    assert {name: found.get(name) for name in subjects} == dict.fromkeys(subjects, "warning")


def test_expired_entries_are_reported(ready: Path, run: RunCommand) -> None:
    ready.write_text(ready.read_text().replace("until: 2030-12-31", "until: 2020-01-01"))
    done = run("check", "--offline")
    assert done.exit_code == 0
    assert levels(done)["watchlist"] == "warning"
    assert "*.gouv.ml" in done.out.decode()


@pytest.mark.parametrize(
    ("variable", "value", "subject"),
    [
        ("STRAYMAIL_BROKERS", "nonsense", "configuration"),
        ("STRAYMAIL_NOSUCH", "1", "configuration"),
        ("STRAYMAIL_WATCHLIST", "/nonexistent.yaml", "watchlist"),
        ("STRAYMAIL_PRIVACY_KEY_FILE", "/nonexistent", "privacy"),
    ],
)
def test_invalid_settings_and_files(
    ready: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, subject: str
) -> None:
    monkeypatch.setenv(variable, value)
    done = run("check", "--offline")
    assert done.exit_code == 2
    assert levels(done)[subject] == "error"


def test_without_a_watchlist_the_sample_is_used(ready: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRAYMAIL_WATCHLIST")
    done = run("check", "--offline")
    assert done.exit_code == 0
    assert levels(done)["watchlist"] == "warning"


def test_no_broker_answers(ready: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAYMAIL_BROKERS", "127.0.0.1:1")
    done = run("check", "--wait", "1")
    assert done.exit_code == 1
    assert levels(done)["kafka"] == "error"
    assert "no Kafka broker answers at 127.0.0.1:1" in done.out.decode()


def test_topics_are_checked(
    ready: Path, run: RunCommand, apache_kafka: ApacheKafka, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRAYMAIL_BROKERS", apache_kafka.bootstrap)
    monkeypatch.setenv("STRAYMAIL_TOPIC_PREFIX", prefix)
    assert run("check").exit_code == 1
    create_topics(KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix))
    done = run("check", "--strict")
    assert done.exit_code == 0
    assert (levels(done)[f"{prefix}mail.events"], levels(done)["clock"]) == ("ok", "ok")


def test_a_resolver_is_asked_where_dns_is_enabled(
    ready: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch, name_server: NameServer
) -> None:
    monkeypatch.setenv("STRAYMAIL_BROKERS", "127.0.0.1:1")
    monkeypatch.setenv("STRAYMAIL_DNS_ENABLED", "true")
    monkeypatch.setenv("STRAYMAIL_DNS_TIMEOUT_S", "0.5")
    for server, level in ((name_server.address, "ok"), ("127.0.0.1:1", "warning")):
        monkeypatch.setenv("STRAYMAIL_DNS_SERVERS", server)
        assert levels(run("check", "--wait", "0.1"))["dns"] == level
    assert "dns" not in levels(run("check", "--offline"))
