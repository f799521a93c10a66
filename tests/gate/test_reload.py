"""A reload takes what it can, and names what it doesn't take."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from streams.config import load_settings
from streams.errors import ConfigurationError
from streams.gate.inputs import GateInputs
from streams.gate.process import GateProcess
from streams.gate.reload import TAKEN, needing_restart, reload
from streams.gate.settings import GateSettings

OLD_TOKEN, NEW_TOKEN = "an old token of the gate", "a new token of the gate"
PUBLIC = "0.0.0.0:10041"


def inputs(tmp_path: Path, *, own: dict[str, Any] | None = None, **top: Any) -> GateInputs:
    gate = {"store": f"file:{tmp_path / 'gate.sqlite'}", **(own or {})}
    return load_settings(None, {"gate": gate, **top}).gate_inputs()


def reloaded(old: GateInputs, new: GateInputs) -> GateProcess:
    process = GateProcess(old)
    reload(process, lambda: new)
    return process


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


@pytest.mark.parametrize("in_file", [False, True])
def test_a_new_token_is_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture, in_file: bool) -> None:
    file = tmp_path / "token"
    file.write_text(NEW_TOKEN)
    new = {"token_file": str(file)} if in_file else {"token": NEW_TOKEN}
    old = inputs(tmp_path, own={"http": PUBLIC, "token": OLD_TOKEN})
    process = reloaded(old, inputs(tmp_path, own={"http": PUBLIC, **new}))
    assert (old.own.http_token(), process.token) == (OLD_TOKEN, NEW_TOKEN)
    assert caplog.messages == ["the new settings are in use"]


def test_without_a_token_nobody_else_may_ask(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    old = inputs(tmp_path, own={"http": PUBLIC, "token": OLD_TOKEN, "mode": "confirm"})
    process = reloaded(old, inputs(tmp_path))
    assert process.token == OLD_TOKEN
    assert "the new settings are refused" in caplog.text


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"own": {"mode": "confirm", "automatic": ["crm"], "wait": "1m", "deadline": "50ms"}}, []),
        ({"own": {"window": "2h", "socket_group": "mail", "port": 6068}}, ["window", "socket_group", "port"]),
        ({"own": {"policy": "127.0.0.1:1", "connections": 5}}, ["policy", "connections"]),
        ({"watchlist": "other.yaml"}, ["watchlist"]),
        ({"scorer": {"well_known": False}}, ["scorer"]),
        ({"privacy": {"key": "another key"}}, ["privacy"]),
        ({"brokers": "elsewhere:9092", "topic_prefix": "x."}, ["brokers", "topic_prefix"]),
        ({"own_domains": ["mod.gov.uk"], "own_networks": ["192.0.2.0/24"]}, []),
        ({"knowledge": {"enabled": False}, "log_level": "DEBUG"}, ["knowledge", "log_level"]),
    ],
)
def test_what_needs_a_restart_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, changed: dict[str, Any], named: list[str]
) -> None:
    reloaded(inputs(tmp_path), inputs(tmp_path, **changed))
    (message,) = caplog.messages
    names = message.partition("need a restart: ")[2]
    assert sorted(name.removeprefix("gate.") for name in names.split(", ") if name) == sorted(named)


def test_a_memory_begins_with_a_restart() -> None:
    def kafka(*own_domains: str) -> GateInputs:
        return load_settings(None, {"own_domains": list(own_domains)}).gate_inputs()

    assert list(needing_restart(kafka(), kafka("mod.gov.uk"))) == ["own_domains (for the memory)"]
    assert list(needing_restart(kafka("mod.gov.uk"), kafka("army.mil"))) == []


def test_invalid_settings_are_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> GateInputs:
        raise ConfigurationError("gate.mode: no such mode")

    reload(GateProcess(inputs(tmp_path)), broken)
    assert caplog.messages == ["the new settings are refused and the old ones stay in use: gate.mode: no such mode"]


def test_a_setting_is_taken_or_named() -> None:
    assert set(GateSettings.model_fields) > TAKEN
