"""The environment overrides the file, which overrides the defaults; every mistake is reported with its origin."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.config import Settings, load_settings, setting_names
from streams.errors import ConfigurationError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*setting_names(), "STRAYMAIL_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def configuration_error(config: Path | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config)
    return str(caught.value)


def test_the_defaults_are_complete() -> None:
    settings = load_settings()
    assert settings == Settings()
    assert settings.watchlist_path.is_file()
    assert settings.group_id == "straymail"
    assert settings.privacy.key_is_public


def test_the_environment_overrides_the_file_and_options_override_both(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "s.yaml"
    config.write_text("brokers: a:1\nweb: {host: 127.0.0.9, port: 7000}\ntopic_prefix: x.\nown_domains: [a.mil]\n")
    environment.setenv("STRAYMAIL_WEB_PORT", "8000")
    environment.setenv("STRAYMAIL_BROKERS", "b:2,c:3")
    environment.setenv("STRAYMAIL_SOURCES", "postfix, exchange")
    settings = load_settings(config, {"brokers": "d:4"})
    assert (settings.brokers, settings.web.host, settings.web.port) == ("d:4", "127.0.0.9", 8000)
    assert (settings.own_domains, settings.sources) == (("a.mil",), ("postfix", "exchange"))
    assert settings.group_id == "x.straymail"


def test_the_file_may_be_named_in_the_environment(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    config = tmp_path / "s.yaml"
    config.write_text("group: other\n")
    environment.setenv("STRAYMAIL_CONFIG", str(config))
    assert load_settings().group == "other"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("brokers: a:1\nwebb: 1\n", "webb ({}, line 2): there is no such setting"),
        ("web:\n  port: 1\n  prot: 2\n", "web.prot ({}, line 3): there is no such setting"),
        ("web:\n  port: many\n", "web.port ({}, line 2): "),
        ("- a\n", "should contain settings"),
        ("a: 1\nb: c: d\n", "{}, line 2: this is not valid YAML: mapping values are not allowed here"),
        ("a: \x01", "is not valid YAML"),
        ("brokers: nowhere\n", "brokers ({}, line 1): 'nowhere' is no broker's address"),
        ("scorer: {typo: 0.9, certain: 0.5}\n", "scorer ({}, line 1): "),
        ("findings:\n  rules:\n    - {name: a, group_by: sender}\n", "line 3"),
    ],
)
def test_a_mistake_in_the_file_is_reported_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    config = tmp_path / "s.yaml"
    config.write_text(text)
    assert problem.format(config) in configuration_error(config)


def test_a_mistake_in_the_environment_is_reported_with_its_variable(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STRAYMAIL_WEB_PORT", "many")
    assert "web.port (STRAYMAIL_WEB_PORT): " in configuration_error()
    environment.delenv("STRAYMAIL_WEB_PORT")
    environment.setenv("STRAYMAIL_WATCHLISTS", "x")
    assert "STRAYMAIL_WATCHLISTS in the environment: there is no such setting" in configuration_error()


def test_no_message_and_no_repr_has_a_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STRAYMAIL_PRIVACY_KEY", "hush-hush")
    environment.setenv("STRAYMAIL_SECURITY_PROTOCOL", "SASL_SSL")
    environment.setenv("STRAYMAIL_SECURITY_USERNAME", "me")
    environment.setenv("STRAYMAIL_SECURITY_PASSWORD", "hush-hush")
    settings = load_settings()
    assert settings.privacy.secret() == b"hush-hush"
    assert "hush-hush" not in repr(settings) + str(settings) + settings.model_dump_json()
    environment.setenv("STRAYMAIL_SECURITY_PASSWORD_FILE", "/also/set")
    assert "hush-hush" not in configuration_error()


def test_the_key_from_a_file(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    environment.setenv("STRAYMAIL_PRIVACY_KEY_FILE", str(file))
    settings = load_settings()
    with pytest.raises(ConfigurationError, match="can't read"):
        settings.privacy.secret()
    file.write_text("\n")
    with pytest.raises(ConfigurationError, match="is empty"):
        settings.privacy.secret()
    file.write_text("secret\n")
    assert settings.privacy.secret() == b"secret"
    assert not settings.privacy.key_is_public


@pytest.mark.parametrize("masked", ["SENDER", "RECIPIENT"])
def test_masked_addresses_need_dead_letters_without_records(monkeypatch: pytest.MonkeyPatch, masked: str) -> None:
    monkeypatch.setenv(f"STRAYMAIL_PRIVACY_{masked}", "hmac")
    with pytest.raises(ConfigurationError, match=f"privacy.{masked.lower()} masks addresses.*to metadata"):
        load_settings()
    monkeypatch.setenv("STRAYMAIL_DEAD_LETTERS", "metadata")
    assert load_settings().dead_letters == "metadata"


def test_confirmations_are_not_remembered_for_longer_than_kafka_keeps_them(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STRAYMAIL_GATE_REMEMBER", "60d")
    assert "raise topics.gate_days (STRAYMAIL_TOPICS_GATE_DAYS)" in configuration_error()
    environment.setenv("STRAYMAIL_TOPICS_GATE_DAYS", "60")
    assert load_settings().gate_inputs().own.remember == "60d"
    environment.delenv("STRAYMAIL_TOPICS_GATE_DAYS")
    environment.setenv("STRAYMAIL_GATE_STORE", "file:gate.sqlite")
    assert load_settings().gate_inputs().own.file == Path("gate.sqlite")


def test_a_gate_remembers_with_kafka_and_own_domains_alone(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("STRAYMAIL_OWN_DOMAINS", "mod.gov.uk")
    assert load_settings().gate_inputs().memory is not None
    environment.setenv("STRAYMAIL_GATE_STORE", "file:gate.sqlite")
    assert load_settings().gate_inputs().memory is None
