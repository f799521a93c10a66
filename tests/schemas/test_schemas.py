from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.schemas.loading import NAMES, schema, validator


def test_every_thing_that_travels_has_a_schema() -> None:
    assert NAMES == ["alert", "dead-letter", "mail-event", "tick", "typo-hit", "verdict", "watchlist"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_schema_that_says_what_it_is_for(name: str) -> None:
    loaded = schema(name)
    Draft202012Validator.check_schema(loaded)
    assert loaded["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert loaded["$id"] == f"urn:straymail:schema:{name}"
    assert loaded["title"]
    assert loaded["description"]


@pytest.mark.parametrize("name", NAMES)
def test_its_examples_are_valid(name: str) -> None:
    examples = schema(name)["examples"]
    assert examples
    assert [error.message for example in examples for error in validator(name).iter_errors(example)] == []


def test_a_format_is_asserted_here() -> None:
    """Without the library for it, a validator would take any text for a date."""
    event: dict[str, Any] = schema("mail-event")["examples"][0]
    assert not validator("mail-event").is_valid(event | {"time": "2023-02-29T08:00:00Z"})
