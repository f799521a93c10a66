"""Which mails the charts count."""

from __future__ import annotations

import pytest

from streams.console.activity import HOUR_MS, MailName
from streams.console.chart_filter import chart_filter
from streams.console.query import Filter
from streams.console.stored_finding import StoredFinding
from streams.severity import Severity
from tests.cli.finding import START_MS
from tests.console.samples import UIDS, found

NAME = MailName("suffix-omission", "army.ml", "army.mil", "desk@mod.gov.uk")
DURING, AFTER = START_MS + 7 * HOUR_MS, START_MS + 9 * HOUR_MS


def counts(wanted: Filter, name: MailName, hour_ms: int, *findings: StoredFinding) -> bool:
    accepts = chart_filter(wanted, wanted.choose(list(findings)))
    return accepts is None or accepts(name, hour_ms)


@pytest.mark.parametrize(
    ("wanted", "is_counted"),
    [
        (Filter(), True),
        (Filter(since_ms=1), True),
        (Filter(domain="army.m"), True),
        (Filter(domain="navy"), False),
        (Filter(sender="desk"), True),
        (Filter(sender="clerk"), False),
        (Filter(slip="suffix-omission"), True),
        (Filter(slip="omission"), False),
    ],
)
def test_what_mails_have_is_filtered_by_itself(wanted: Filter, is_counted: bool) -> None:
    assert counts(wanted, NAME, AFTER) is is_counted


def test_what_findings_have_is_looked_up_in_them() -> None:
    high = found(severity=Severity.HIGH)
    assert counts(Filter(severity=Severity.HIGH), NAME, DURING, high)
    assert not counts(Filter(severity=Severity.HIGH), NAME, AFTER, high), "its last mail was before"
    assert not counts(Filter(severity=Severity.CRITICAL), NAME, DURING, high)
    assert not counts(Filter(severity=Severity.HIGH, sender="clerk"), NAME, DURING, high)
    leak = found(uid=UIDS[1], rule="domain-leak", group_by="domain", sender=None)
    assert counts(Filter(rule="domain-leak"), NAME._replace(sender="clerk@mod.gov.uk"), DURING, leak)
    assert not counts(Filter(rule="domain-leak"), NAME._replace(domain="navy.ml"), DURING, leak)
