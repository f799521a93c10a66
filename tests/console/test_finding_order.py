"""The orders in which findings are listed."""

from __future__ import annotations

import pytest

from streams.console.finding_order import ORDERS, SORTS, Sort, in_order, is_of, place
from streams.console.stored_finding import StoredFinding, decided
from streams.severity import Severity
from streams.triage.decide import TriageAction, decide
from tests.cli.finding import START_MS
from tests.console.samples import UIDS, found


def listed(number: int, severity: Severity, count: int, action: TriageAction | None = None) -> StoredFinding:
    finding = found(uid=UIDS[number], severity=severity, count=count, last_seen_ms=START_MS + number)
    return decided(finding, decide(action, finding, None, user="khan", now_ms=START_MS) if action else None)


FINDINGS = [
    listed(0, Severity.CRITICAL, 1),
    listed(1, Severity.LOW, 9, "acknowledge"),
    listed(2, Severity.CRITICAL, 9, "resolve"),
    listed(3, Severity.LOW, 1),
]
"""By the time of their last mail."""


@pytest.mark.parametrize(
    ("sort", "order"), [("severity", (2, 1, 3, 0)), ("count", (2, 0, 3, 1)), ("last", (2, 0, 1, 3))]
)
def test_what_is_open_comes_first_then_what_is_sorted_by_then_the_last_mail(sort: Sort, order: tuple[int, ...]) -> None:
    ascending = in_order(FINDINGS, sort)
    assert [UIDS.index(each.uid) for each in ascending] == list(order)
    assert ascending == sorted(FINDINGS, key=ORDERS[sort])


def test_nothing_is_in_order_too() -> None:
    assert [in_order([], sort) for sort in SORTS] == [[], [], []]


def test_an_open_finding_of_the_user_is_before_all_others() -> None:
    _, own, closed, other = FINDINGS
    assert [is_of(each, "khan") for each in (own, closed, other)] == [True, False, False]
    assert place(own, "severity", "khan") > place(FINDINGS[0], "severity", "khan")
    assert place(own, "severity", "ross") < place(FINDINGS[0], "severity", "ross")
