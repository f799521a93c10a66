"""From what a person does to the decision."""

from __future__ import annotations

import pytest

from streams.errors import UsageError
from streams.triage.decide import ACTIONS, LEADS_TO, TriageAction, decide
from streams.triage.decision import LONGEST_NOTE, LONGEST_USER, TriageDecision
from streams.triage.status import TriageStatus
from tests.triage.findings import SEEN_MS, Finding

NOW_MS = SEEN_MS + 60_000


def by(
    user: str, action: TriageAction, before: TriageDecision | None = None, assignee: str = "", note: str = ""
) -> TriageDecision:
    return decide(action, Finding(), before, user=user, now_ms=NOW_MS, assignee=assignee, note=note)


@pytest.mark.parametrize(
    ("action", "assignee", "status", "holder"),
    [
        ("acknowledge", "", "In Progress", "khan"),
        ("assign", "ross", "In Progress", "ross"),
        ("resolve", "", "Resolved", "khan"),
        ("false-alarm", "", "Suppressed", "khan"),
        ("reopen", "", "New", None),
    ],
)
def test_status_and_assignee_of_a_finding_that_nobody_had(
    action: TriageAction, assignee: str, status: str, holder: str | None
) -> None:
    decision = by("khan", action, assignee=assignee)
    assert (decision.status, decision.assignee, decision.user) == (status, holder, "khan")
    assert (decision.time, decision.count, decision.last_seen_time, decision.domain_count) == (NOW_MS, 3, SEEN_MS, 1)


def test_every_action_leads_to_a_status() -> None:
    assert LEADS_TO.keys() == set(ACTIONS)
    assert set(LEADS_TO.values()) == set(TriageStatus)


def test_who_had_a_finding_has_it_also_when_another_closes_it() -> None:
    first = by("ross", "acknowledge", note="calls the desk")
    closed = by("khan", "resolve", first)
    assert (closed.assignee, closed.user, closed.comment) == ("ross", "khan", "calls the desk")
    assert by("khan", "acknowledge", first).assignee == "khan"
    assert by("khan", "resolve", first, note="done").comment == "done"


def test_texts_are_one_line_without_unsafe_characters() -> None:
    decision = by(" k\u202ehan\n", "acknowledge", note=" first\nsecond \x1b[31m ")
    assert decision.user == "k\\u{202e}han"
    assert decision.comment == "first second \\u{1b}[31m"


@pytest.mark.parametrize(
    ("user", "assignee", "note", "what"),
    [
        ("", "ross", "", "the user's name is empty"),
        ("khan", "  ", "", "the assignee is empty"),
        ("khan", "r" * (LONGEST_USER + 1), "", "the assignee has 201 characters, and 200 are possible"),
        ("khan", "ross", "n" * (LONGEST_NOTE + 1), "the note has 501 characters, and 500 are possible"),
    ],
)
def test_texts_that_are_refused(user: str, assignee: str, note: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        by(user, "assign", assignee=assignee, note=note)
