"""Decisions on findings are what the schema says, and what the schema allows is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from streams.triage.decide import ACTIONS, TriageAction, decide
from streams.triage.decision import read_decision, triage_record
from tests.schemas.generate import documents
from tests.schemas.load import is_valid
from tests.triage.findings import SEEN_MS, Finding


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_stored_is_valid(action: TriageAction) -> None:
    decision = decide(action, Finding(), None, user="khan", now_ms=SEEN_MS, assignee="ross", note="x")
    assert is_valid("triage", json.loads(triage_record(decision)[1]))


@pytest.mark.fuzz
@given(documents("triage"))
def test_what_the_schema_allows_is_read(document: dict[str, Any]) -> None:
    assert read_decision(json.dumps(document).encode()).finding_uid == document["finding_uid"]
