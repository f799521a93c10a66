"""The settings of mails to senders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from streams.errors import ConfigurationError
from streams.notify.settings import NotifySettings


def test_the_password_comes_from_its_setting_or_its_file(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("from a file\n")
    assert NotifySettings().password() is None
    assert NotifySettings(smtp_password=SecretStr("given")).password() == "given"
    assert NotifySettings(smtp_password_file=path).password() == "from a file"


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_password_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"notify\.smtp_password_file: can't read it"):
        NotifySettings(smtp_password_file=path).password()


@pytest.mark.parametrize(
    "given",
    [
        {"smtp_port": 0},
        {"smtp_tls": "sometimes"},
        {"from_address": "soc"},
        {"from_address": "a <soc@mod.example>"},
        {"severity": "huge"},
        {"max_age_hours": 0},
        {"unknown": 1},
    ],
)
def test_a_setting_that_cannot_be_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NotifySettings(**given)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in repr(NotifySettings(smtp_password=SecretStr("secret")))


@pytest.mark.parametrize(
    "given",
    [
        {"name": "soc"},
        {"name": "soc", "url": "jsons://secret", "url_file": "u"},
        {"name": "a soc", "url": "jsons://secret"},
        {"name": "soc", "url": "jsons://secret", "severity": "huge"},
        {"name": "soc", "url": "jsons://secret", "redact": "some"},
        {"name": "soc", "url": "jsons://secret", "every": "0s"},
        {"name": "soc", "url": "jsons://secret", "every": "2d"},
        {"name": "soc", "url": "jsons://secret", "every": "soon"},
        {"name": "soc", "url": "jsons://secret", "unknown": 1},
    ],
)
def test_a_channel_that_cannot_be_is_refused_without_its_url(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        NotifySettings.model_validate({"channels": [given]})
    assert "secret" not in str(caught.value)


def test_each_channel_has_a_name_of_its_own_and_its_url_is_not_shown() -> None:
    channel = {"name": "soc", "url": "jsons://secret"}
    with pytest.raises(ValidationError, match="2 channels have the name soc"):
        NotifySettings.model_validate({"channels": [channel, channel]})
    settings = NotifySettings.model_validate({"channels": [channel]})
    assert "secret" not in repr(settings)
    assert settings.channels[0].secret_url() == "jsons://secret"
