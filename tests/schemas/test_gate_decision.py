"""What a gate stores is what the schema says, and what the schema allows is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from streams.gate.confirmations import (
    Ask,
    AskKey,
    Confirmations,
    asked_record,
    confirmed_record,
    corrected_record,
    refused_record,
)
from tests.schemas.generate import documents
from tests.schemas.load import is_valid

TIME_MS, PAIR = 1_780_000_000_000, "a" * 32
KEY = AskKey(PAIR, "1")


@pytest.mark.parametrize(
    "record",
    [
        asked_record(KEY, Ask(TIME_MS, "policy", "navy.ml", "navy.mil", PAIR, PAIR, PAIR)),
        asked_record(KEY, Ask(TIME_MS, "milter", "navy.ml", "navy.mil", PAIR)),
        confirmed_record(PAIR, TIME_MS),
        asked_record(KEY, Ask(TIME_MS, "milter", "navy.ml", "navy.mil", PAIR, final=True)),
        refused_record(PAIR, TIME_MS, PAIR),
        corrected_record(KEY, TIME_MS, PAIR),
    ],
)
def test_what_is_stored_is_valid(record: tuple[bytes, bytes]) -> None:
    assert is_valid("gate-decision", json.loads(record[1]))


@pytest.mark.fuzz
@given(documents("gate-decision"))
def test_what_the_schema_allows_is_read(document: dict[str, Any]) -> None:
    table = Confirmations(3_600_000, 3_600_000)
    key = KEY.key("asked") if "protocol" in document else KEY.key("corrected")
    table.take(key, json.dumps(document).encode(), now_ms=document["time"])
    assert table.unreadable == 0
