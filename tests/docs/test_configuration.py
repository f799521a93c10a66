"""The page on the configuration says what the settings are."""

from __future__ import annotations

import re

import pytest
import yaml

from streams.config import Settings, load_settings, setting_names
from tests.docs.configuration import PAGE, page


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)


def test_the_page_is_what_the_settings_say() -> None:
    assert PAGE.read_text() == page(), "run `make docs`"


def test_its_example_is_a_valid_configuration() -> None:
    example = re.search(r"```yaml\n(# straymail.yaml.*?)```", page(), re.DOTALL)
    assert example is not None
    settings = Settings(**yaml.safe_load(example[1].replace("password_file: /run/secrets/kafka", "password: x")))
    assert settings.own_domains == ("mod.gov.uk",)


def test_its_rules_are_the_default_ones() -> None:
    rules = re.search(r"```yaml\n(rules:.*?)```", page(), re.DOTALL)
    assert rules is not None
    assert Settings(findings=yaml.safe_load(rules[1])).findings == load_settings().findings
