"""Which changes of a finding are worth an alert."""

from typing import Any

import pytest
from msgspec.structs import replace

from streams.events.finding import CLOSE, CREATE, FINAL, OPEN, UPDATE
from streams.findings.decide import Assessment, Decision, assess, decide
from streams.findings.peak import Peaks
from streams.findings.rules import FindingPolicy
from streams.findings.settings import FindingsSettings
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.names import WindowNames
from streams.findings.store.tally import Tally
from streams.severity import Severity
from tests.findings.samples import hit
from tests.findings.store.test_tally import entry

INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL = Severity

LAST = LastAlert(
    sequence=1,
    activity=CREATE,
    severity=LOW,
    count=2,
    peak=2,
    delivered_count=0,
    domain_count=1,
    label_floor=0,
    count_is_minimum=False,
    window=OPEN,
    created_ms=0,
    time_ms=0,
    accepted_peak=2,
)
SAME = Assessment(LOW, 2, 2, 0, 1, 0, count_is_minimum=False, window=OPEN, accepted_peak=2)
ENDED: dict[str, Any] = {"window": FINAL}
ALERT, QUIET = Decision(UPDATE, is_alert=True), Decision(UPDATE, is_alert=False)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"severity": None}, None),
        ({"severity": INFORMATIONAL}, Decision(CREATE, is_alert=False)),
        ({}, Decision(CREATE, is_alert=True)),
        ({"severity": CRITICAL, "window": FINAL}, Decision(CREATE, is_alert=True)),
    ],
)
def test_a_finding_exists_from_the_lowest_level_on(now: dict[str, Any], expected: Decision | None) -> None:
    assert decide(None, replace(SAME, **now)) == expected


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ({}, {}, None),
        ({}, {"count": 3, "peak": 3}, None),
        ({}, {"count": 4}, QUIET),
        ({}, {"count": 9}, QUIET),
        ({"count": 4}, {"count": 7}, None),
        ({}, {"severity": MEDIUM}, ALERT),
        ({"severity": INFORMATIONAL}, {"severity": LOW}, ALERT),
        ({}, {"severity": INFORMATIONAL}, None),
        ({}, {"severity": None}, None),
        ({}, {"delivered_count": 1}, QUIET),
        ({"delivered_count": 1}, {"delivered_count": 2}, None),
        ({}, {"domain_count": 2}, QUIET),
        ({}, {"label_floor": 3}, QUIET),
        ({}, {"count_is_minimum": True}, QUIET),
        ({}, ENDED, QUIET),
        ({}, {**ENDED, "severity": MEDIUM}, ALERT),
        (ENDED, ENDED, None),
        (ENDED, {**ENDED, "count": 3}, QUIET),
        (ENDED, {**ENDED, "severity": INFORMATIONAL}, QUIET),
        ({**ENDED, "delivered_count": 1}, {**ENDED, "delivered_count": 2}, QUIET),
        ({"activity": CLOSE}, {}, Decision(UPDATE, is_alert=True, reopened=True)),
        ({"activity": CLOSE}, {"severity": INFORMATIONAL}, Decision(UPDATE, is_alert=False, reopened=True)),
        ({"activity": CLOSE}, {"severity": None}, None),
    ],
)
def test_what_is_worth_an_alert(last: dict[str, Any], now: dict[str, Any], expected: Decision | None) -> None:
    fields = {name: getattr(LAST, name) for name in LAST.__struct_fields__}
    assert decide(LastAlert(**{**fields, **last}), replace(SAME, **now)) == expected


GREW = Decision(UPDATE, is_alert=False, only_grew=True)


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ({}, {}, None),
        ({}, {"count": 3, "peak": 3}, GREW),
        ({}, {"delivered_count": 1}, QUIET),
        ({"delivered_count": 1}, {"delivered_count": 2}, GREW),
        ({}, {"severity": INFORMATIONAL}, GREW),
        ({"hits": 2}, {"hits": 3}, GREW),
        ({"hits": 3}, {"hits": 3}, None),
        ({"hits": -1}, {"hits": 3}, None),
        ({}, {"count": 4}, QUIET),
        ({}, {"severity": MEDIUM}, ALERT),
        ({"activity": CLOSE}, {"severity": None}, None),
    ],
)
def test_whatever_has_changed_of_a_stale_finding_is_published(
    last: dict[str, Any], now: dict[str, Any], expected: Decision | None
) -> None:
    fields = {name: getattr(LAST, name) for name in LAST.__struct_fields__}
    assert decide(LastAlert(**{**fields, **last}), replace(SAME, **now), is_stale=True) == expected


@pytest.mark.parametrize(
    ("activity", "left", "expected"),
    [
        (UPDATE, LOW, QUIET),
        (UPDATE, None, Decision(CLOSE, is_alert=False)),
        (CLOSE, None, None),
    ],
)
def test_what_is_worth_an_alert_when_a_domain_became_allowed(
    activity: int, left: Severity | None, expected: Decision | None
) -> None:
    fields = {name: getattr(LAST, name) for name in LAST.__struct_fields__}
    last = LastAlert(**{**fields, "activity": activity})
    assert decide(last, replace(SAME, severity=left), hits_removed=True) == expected


def test_the_figures_of_a_tally() -> None:
    rules = FindingsSettings().policy().rules
    tally = Tally("mails")
    for mail, (domain, delivery) in enumerate([(1, "unknown"), (2, "delivered"), (1, "delivered")]):
        assert tally.add(entry(hit=mail, mail=mail, domain=domain, delivery=delivery), 3)
    assert not tally.add(entry(hit=9, mail=9, domain=1), 3)
    names = WindowNames(None, {(1).to_bytes(4): hit().mistaken_domain}, ["Secret", "other"])
    now = assess(rules[0], FindingPolicy(rules, labels={"secret": HIGH}), tally, names, Peaks(4, 3), FINAL)
    assert now == Assessment(HIGH, 3, 4, 2, 2, HIGH, count_is_minimum=True, window=FINAL, accepted_peak=3, hits=3)
