from typing import Any

import pytest

from streams.domains.verdict import Verdict
from tests.schemas.load import is_valid, schema

CERTAIN = schema("verdict")["examples"][0]


def test_the_fields_are_those_of_the_verdict() -> None:
    assert sorted(schema("verdict")["required"]) == sorted(Verdict._fields)


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict("army.ml", 0.97, True, True, "army.mil", "suffix-omission", "army.ml lacks the i of army.mil"),
        Verdict("example.com", 0.0, False, False, None, None, "like no watched domain"),
        Verdict("arm.com", 0.4, False, False, "army.com", "omission", "too far away"),
    ],
)
def test_a_verdict_is_valid(verdict: Verdict) -> None:
    assert is_valid("verdict", verdict._asdict())


@pytest.mark.parametrize(
    "changed",
    [
        {"score": 1.5},
        {"typo": False},
        {"intended": None},
        {"slip": None},
        {"slip": "Two words"},
        {"error": "it has an empty label"},
        {"error": "", "typo": False, "certain": False},
    ],
)
def test_invalid_verdicts(changed: dict[str, Any]) -> None:
    assert is_valid("verdict", CERTAIN)
    assert not is_valid("verdict", CERTAIN | changed)
