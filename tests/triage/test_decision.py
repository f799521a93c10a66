"""Decisions as records."""

from __future__ import annotations

import pytest

from streams.errors import UnreadableRecord
from streams.triage.decide import decide
from streams.triage.decision import read_decision, triage_record
from tests.triage.findings import SEEN_MS, Finding


def test_a_decision_is_read_as_it_was_written() -> None:
    decision = decide("assign", Finding(), None, user="khan", now_ms=SEEN_MS, assignee="ross", note="ünder way")
    key, value = triage_record(decision)
    assert key == Finding().uid.encode()
    assert read_decision(value) == decision


@pytest.mark.parametrize("value", [b"", b"{}", b"[]", b"\xff", b'{"finding_uid": "x"}', b"[" * 100_000])
def test_what_is_no_decision_is_refused(value: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        read_decision(value)
