"""Findings tallied from alerts."""

from __future__ import annotations

from typing import Any

import pytest

from streams.backtest.findings import FindingsTally
from streams.events.alert import encode_alert
from streams.events.finding import CREATE, FINAL, UPDATE
from streams.severity import Severity
from tests.events.finding_samples import DAY_MS, MONDAY_MS, finding, mistaken


def tally(*states: dict[str, Any]) -> FindingsTally:
    found = FindingsTally()
    for state in states:
        found.add(encode_alert(finding(**state)))
    return found


CREATED: dict[str, Any] = {"activity": CREATE, "severity": Severity.LOW}
ROSE: dict[str, Any] = {"activity": UPDATE, "severity": Severity.HIGH, "sequence": 2}
ENDED: dict[str, Any] = {**ROSE, "window": FINAL, "sequence": 3, "is_alert": False}


def test_a_finding_counts_once_by_its_last_state_and_each_alert_by_its_activity() -> None:
    found = tally(CREATED, ROSE, ENDED)
    assert dict(found.alerts) == {("sender-typo-hits", "create"): 1, ("sender-typo-hits", "update"): 2}
    assert dict(found.findings) == {("sender-typo-hits", "high"): 1}
    assert dict(found.by_day) == {(MONDAY_MS // DAY_MS, "high"): 1}
    assert dict(found.raised_by_day) == {MONDAY_MS // DAY_MS: 2}
    assert dict(found.alone) == {"army.ml": 1}


def test_a_finding_whose_window_is_open_is_not_counted_yet() -> None:
    assert tally(CREATED, ROSE).findings == {}


def test_a_finding_of_two_domains_rests_on_none_alone() -> None:
    assert tally({**ENDED, "domains": [mistaken(), mistaken("navy.ml", "navy.mil")]}).alone == {}


def test_the_worst_are_kept_by_severity_and_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.backtest.findings.MAX_WORST", 2)
    states = [(Severity.LOW, 99), (Severity.HIGH, 3), (Severity.MEDIUM, 50), (Severity.HIGH, 4)]
    found = tally(*({**ENDED, "uid": f"{at:032}", "severity": s, "count": n} for at, (s, n) in enumerate(states)))
    assert [(view.severity, view.count) for view in found.worst] == [(Severity.HIGH, 4), (Severity.HIGH, 3)]
    assert sum(found.findings.values()) == 4
