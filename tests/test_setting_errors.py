"""What is wrong with a setting is reported in plain words, with its origin and what to write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from streams.config import Settings, load_settings, setting_names
from streams.errors import ConfigurationError
from streams.setting_errors import PATTERNS


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*setting_names(), "STRAYMAIL_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def problem(config: Path | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_settings(config)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("broker: a:1", "broker ({}, line 1): there is no such setting: did you mean 'brokers'?"),
        ("password: x", "there is no such setting: did you mean 'security.password', "),
        ("security: {pasword: x}", "there is no such setting: did you mean 'security.password'?"),
        ("security: {colour: x}", "security.colour ({}, line 1): there is no such setting"),
        ("web: {port: abc}", "web.port ({}, line 1): write a whole number"),
        ("web: {port: 99999}", "write a number of at most 65535"),
        ("topics: {events_days: 0}", "write a number of at least 1"),
        ("scorer: {typo: 0}", "write a number above 0"),
        ("scorer: {typo: x}", "write a number"),
        ("history: perhaps", "write true or false"),
        ("log_level: debug", "did you mean 'DEBUG'?"),
        ("dead_letters: nothing", "use whole or metadata"),
        ("web: 6066", "write names with values, such as {{name: value}}"),
        ("findings: {labels: secret}", "write names with values, such as {{name: value}}"),
        ("findings: {labels: {secret: hgih}}", "'secret': 'hgih' is no severity: did you mean 'high'?"),
        ("own_domains: {a: b}", "write a list, such as [a, b]"),
        ("own_domains: [mod gov.uk]", "'mod gov.uk' is not a domain name: list domains such as mod.gov.uk"),
        ("own_networks: [10.0.0.1/8]", "'10.0.0.1/8' is an address within a network: write 10.0.0.0/8"),
        ("own_networks: [intranet]", "'intranet' is no network: write one such as 192.0.2.0/24"),
        ("dns: {servers: [one.one]}", "'one.one' is no resolver's address: write an IP address"),
        ("gate: {policy: 10028}", "write text"),
        ("group: a b", "use letters, digits, dots, hyphens and underscores, at most 200"),
        ("notify: {from_address: nobody}", "write an address, such as soc@example.org"),
        ("notify: {contact: ''}", "write something: it is empty"),
        ("console: {token: short}", "write at least 16 characters"),
        ("watchlist: ''", "watchlist (STRAYMAIL_WATCHLIST) is empty: name a file, or leave it out"),
        ("just text", "it contains text"),
    ],
)
def test_what_a_file_is_refused_for(tmp_path: Path, text: str, says: str) -> None:
    config = tmp_path / "s.yaml"
    config.write_text(text)
    assert says.format(config) in problem(config)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("STRAYMAIL_BROKRS", "a:1", "there is no such setting: did you mean 'STRAYMAIL_BROKERS'?"),
        ("STRAYMAIL_OWNDOMAINS", "a.b", "did you mean 'STRAYMAIL_OWN_DOMAINS'?"),
        ("STRAYMAIL_WEB_PROT", "1", "did you mean 'STRAYMAIL_WEB_PORT'?"),
        ("STRAYMAIL_FINDINGS_RULES", "none", "STRAYMAIL_FINDINGS_RULES: rules, labels and channels are JSON there"),
        ("STRAYMAIL_WATCHLIST", "", "watchlist (STRAYMAIL_WATCHLIST) is empty"),
        ("STRAYMAIL_OWN_DOMAINS", "mod.gov.uk,a b", "own_domains (STRAYMAIL_OWN_DOMAINS): 'a b' is not a domain name"),
    ],
)
def test_what_a_variable_is_refused_for(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str) -> None:
    monkeypatch.setenv(variable, value)
    assert says in problem()


def patterns(model: type[BaseModel]) -> Iterator[str]:
    """The patterns of all settings; those of the parts of a list stand in the representation of its type."""
    for field in model.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from patterns(field.annotation)
        yield from re.findall(r"pattern='(.*?)'", repr(field.metadata) + repr(field.annotation))


def test_every_pattern_of_a_setting_has_words() -> None:
    assert {pattern.replace("\\\\", "\\") for pattern in patterns(Settings)} == PATTERNS.keys()
