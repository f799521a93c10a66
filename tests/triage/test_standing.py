"""How a finding stands after a decision and later mail."""

from __future__ import annotations

import pytest

from streams.triage.decide import TriageAction, decide
from streams.triage.standing import standing
from streams.triage.status import TriageStatus
from tests.triage.findings import SEEN_MS, Finding

SAME: dict[str, int] = {}
LATER_MAIL, OLDER_MAIL = {"count": 4, "last_seen_ms": SEEN_MS + 1}, {"count": 4}
BEYOND_THE_BOUND, ANOTHER_DOMAIN = {"last_seen_ms": SEEN_MS + 1}, {"domain_count": 2, "count": 4}


@pytest.mark.parametrize(
    ("action", "changes", "status", "is_reopened"),
    [
        ("acknowledge", LATER_MAIL, TriageStatus.IN_PROGRESS, False),
        ("resolve", SAME, TriageStatus.RESOLVED, False),
        ("resolve", LATER_MAIL, TriageStatus.NEW, True),
        ("resolve", OLDER_MAIL, TriageStatus.NEW, True),
        ("resolve", BEYOND_THE_BOUND, TriageStatus.NEW, True),
        ("false-alarm", SAME, TriageStatus.SUPPRESSED, False),
        ("false-alarm", LATER_MAIL, TriageStatus.SUPPRESSED, False),
        ("false-alarm", ANOTHER_DOMAIN, TriageStatus.NEW, True),
        ("reopen", LATER_MAIL, TriageStatus.NEW, False),
    ],
)
def test_later_mail_opens_what_was_closed(
    action: TriageAction, changes: dict[str, int], status: TriageStatus, is_reopened: bool
) -> None:
    decision = decide(action, Finding(), None, user="khan", now_ms=SEEN_MS + 9)
    assert standing(Finding().but(**changes), decision) == (status, is_reopened)


def test_without_a_decision_a_finding_is_new() -> None:
    assert standing(Finding(), None) == (TriageStatus.NEW, False)


def test_a_finding_that_has_fewer_mails_than_were_seen_stays_resolved() -> None:
    """A watchlist may have withdrawn some, and a reader may see an older alert."""
    decision = decide("resolve", Finding(), None, user="khan", now_ms=SEEN_MS + 9)
    assert standing(Finding().but(count=1, last_seen_ms=SEEN_MS - 9), decision).status is TriageStatus.RESOLVED
