"""The settings of the gate."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from streams.errors import ConfigurationError
from streams.gate.settings import GateSettings


def test_without_settings_it_only_audits() -> None:
    settings = GateSettings()
    assert (settings.mode, settings.store, settings.file) == ("audit", "kafka", None)
    assert (settings.listed, settings.certain, settings.doubtful) == (None, None, None)


@pytest.mark.parametrize("address", ["127.0.0.1:10028", "[::1]:10028", "gate.example:1", "unix:/run/straymail/policy"])
def test_where_it_may_listen(address: str) -> None:
    assert GateSettings(policy=address).policy == address


@pytest.mark.parametrize("address", ["10028", "host:0", "host:65536", "::1:10028", "unix:", "host:1\n"])
def test_where_it_may_not(address: str) -> None:
    with pytest.raises(ValidationError, match="is no address to listen on"):
        GateSettings(milter=address)


@pytest.mark.parametrize(
    "given", [{"wait": "2h"}, {"window": "30s"}, {"remember": "1s"}, {"deadline": "1ms"}, {"deadline": "1 day"}]
)
def test_durations_have_bounds(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=next(iter(given))):
        GateSettings(**given)


def test_a_list_may_be_one_text() -> None:
    assert GateSettings.model_validate({"automatic": "crm@mod.gov.uk, cron"}).automatic == ("crm@mod.gov.uk", "cron")


def test_decisions_in_a_file() -> None:
    assert GateSettings(store="file:/var/lib/straymail/gate.sqlite").file == Path("/var/lib/straymail/gate.sqlite")
    with pytest.raises(ValidationError):
        GateSettings(store="sqlite")


def test_the_token_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("0123456789abcdef\n")
    assert GateSettings(token_file=file).http_token() == "0123456789abcdef"
    assert GateSettings.model_validate({"token": "0123456789abcdef"}).http_token() == "0123456789abcdef"
    assert GateSettings().http_token() is None
    file.write_text("\n")
    with pytest.raises(ConfigurationError, match="16 characters"):
        GateSettings(token_file=file).http_token()
    with pytest.raises(ConfigurationError, match=r"gate\.token_file"):
        GateSettings(token_file=tmp_path / "none").http_token()


@pytest.mark.parametrize(
    "wrong",
    [
        {"deadline": "1001ms"},  # Postfix would have let the mail pass before it is answered
        {"wait": "60m"},  # nobody could ever confirm
        {"window": "2h", "remember": "1h"},  # an ask would confirm again and again
    ],
)
def test_durations_that_would_confirm_wrongly_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        GateSettings(**wrong)
