from typing import Any

import pytest
from jsonschema_rs import meta

from tests.schemas.load import NAMES, schema, validator


def test_every_kind_of_record_has_a_schema() -> None:
    assert NAMES == [
        "alert",
        "dead-letter",
        "gate-decision",
        "mail-event",
        "tick",
        "triage",
        "typo-hit",
        "verdict",
        "watchlist",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_schema_with_a_title_and_a_description(name: str) -> None:
    loaded = schema(name)
    meta.validate(loaded)
    assert loaded["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert loaded["$id"] == f"urn:straymail:schema:{name}"
    assert loaded["title"]
    assert loaded["description"]


@pytest.mark.parametrize("name", NAMES)
def test_its_examples_are_valid(name: str) -> None:
    examples = schema(name)["examples"]
    assert examples
    assert [error.message for example in examples for error in validator(name).iter_errors(example)] == []


def test_the_validator_checks_formats() -> None:
    """Without the library for formats, a validator would accept any text as a date."""
    event: dict[str, Any] = schema("mail-event")["examples"][0]
    assert not validator("mail-event").is_valid(event | {"time": "2023-02-29T08:00:00Z"})
