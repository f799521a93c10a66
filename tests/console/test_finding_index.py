"""The newest state of each finding, sorted, in bounded memory; and the changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.console import finding_index
from streams.console.finding_index import CHANGES_KEPT, FindingIndex
from streams.console.finding_order import SORTS, Place, Sort, place
from streams.events.finding import Evidence
from streams.severity import Severity
from streams.triage.decide import TriageAction, decide
from streams.triage.status import TriageStatus
from tests.cli.finding import START_MS
from tests.console.samples import UIDS, found


def test_only_a_newer_state_is_stored() -> None:
    findings = FindingIndex(100)
    assert findings.put(found(sequence=2, count=8))
    assert not findings.put(found(sequence=1, count=3))
    assert not findings.put(found(sequence=2, count=8))
    newest = findings.get(UIDS[0])
    assert newest is not None
    assert (len(findings), newest.count, findings.version) == (1, 8, 1)


def test_the_evidences_of_all_states_are_kept_once() -> None:
    findings = FindingIndex(100)
    first, second = (Evidence("desk@mod.gov.uk", ["ops@army.ml"], f"<{n}@mod.gov.uk>") for n in (1, 2))
    findings.put(found(sequence=1, evidences=[first]))
    findings.put(found(sequence=2, evidences=[first, second]))
    findings.put(found(sequence=3, window="final"))
    newest = findings.get(UIDS[0])
    assert newest is not None
    message_ids = [evidence["email"]["message_uid"] for evidence in newest.all_evidences()]
    assert message_ids == ["<1@mod.gov.uk>", "<2@mod.gov.uk>"]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9), st.integers(0, 1000)), max_size=60))
def test_pages_are_in_order_and_lose_nothing(states: list[tuple[int, int, int]]) -> None:
    findings = FindingIndex(1000)
    newest: dict[str, tuple[int, int]] = {}
    for number, sequence, last in states:
        uid = f"{number:032x}"
        findings.put(found(uid=uid, sequence=sequence, last_seen_ms=START_MS + last))
        if uid not in newest or newest[uid][0] < sequence:
            newest[uid] = (sequence, START_MS + last)
    seen: list[tuple[int, str]] = []
    place: tuple[int, str] | None = None
    while True:
        page = findings.page(list, place, 7)
        assert page.total == len(newest)
        seen += [(finding.last_seen_ms, finding.uid) for finding in page.findings]
        if not page.more:
            break
        place = seen[-1]
    assert seen == sorted(((last, uid) for uid, (_, last) in newest.items()), reverse=True)


def test_beyond_the_limit_the_oldest_are_dropped() -> None:
    findings = FindingIndex(100)
    for number in range(150):
        findings.put(found(uid=f"{number:032x}", last_seen_ms=START_MS + number, severity=Severity.LOW))
    assert len(findings) <= 102
    assert findings.dropped == 150 - len(findings)
    assert findings.get(f"{149:032x}") is not None
    assert findings.get(f"{0:032x}") is None
    assert findings.severities == {Severity.LOW: len(findings)}


def test_counts_follow_the_newest_state() -> None:
    findings = FindingIndex(100)
    findings.put(found(sequence=1, severity=Severity.LOW))
    findings.put(found(sequence=2, severity=Severity.HIGH))
    assert findings.severities == {Severity.HIGH: 1}
    assert findings.rules == {"sender-typo-hits": 1}


def test_changes_since_a_version_are_one_per_finding_with_the_state_before_all_of_them() -> None:
    findings = FindingIndex(100)
    findings.put(found(sequence=1, count=1))
    findings.put(found(sequence=2, count=2))
    findings.put(found(uid=UIDS[1]))
    findings.put(found(sequence=3, count=4))
    changes = {change.uid: change.before for change in findings.since(1) or []}
    assert changes.keys() == {UIDS[0], UIDS[1]}
    assert changes[UIDS[1]] is None
    first = changes[UIDS[0]]
    assert first is not None
    assert first.count == 1
    assert findings.since(4) == []
    assert findings.since(5) is None


def test_changes_that_are_too_old_are_not_kept() -> None:
    findings = FindingIndex(100)
    for number in range(1, CHANGES_KEPT + 3):
        findings.put(found(sequence=number))
    assert findings.since(1) is None
    assert len(findings.since(2) or []) == 1


def act(findings: FindingIndex, action: TriageAction, uid: str = UIDS[0], user: str = "khan") -> None:
    finding = findings.get(uid)
    assert finding is not None
    findings.decide(decide(action, finding, findings.decision(uid), user=user, now_ms=START_MS))


def test_a_decision_is_a_change_and_later_mail_opens_what_it_closed() -> None:
    findings = FindingIndex(100)
    findings.put(found(sequence=1))
    act(findings, "resolve")
    resolved = findings.get(UIDS[0])
    assert resolved is not None
    assert (resolved.status, resolved.assignee, findings.version) == (TriageStatus.RESOLVED, "khan", 2)
    assert findings.open_severities == {}
    act(findings, "resolve")
    assert findings.version == 2, "the same decision again is no change"
    findings.put(found(sequence=2, window="final"))
    assert findings.open_severities == {}, "the end of a window is no mail"
    findings.put(found(sequence=3, count=4))
    again = findings.get(UIDS[0])
    assert again is not None
    assert (again.status, again.is_reopened) == (TriageStatus.NEW, True)
    assert findings.open_severities == {Severity.HIGH: 1}


def test_decisions_may_be_read_before_their_findings_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding_index, "DECISIONS_KEPT", 2)
    findings = FindingIndex(100)
    for uid in UIDS[:3]:
        findings.decide(decide("acknowledge", found(uid=uid), None, user="khan", now_ms=START_MS))
    for uid in UIDS[:3]:
        findings.put(found(uid=uid))
    assert [findings.get(uid).assignee for uid in UIDS[:3]] == [None, "khan", "khan"]  # type: ignore[union-attr]


def leads(findings: FindingIndex, sort: Sort, user: str = "") -> list[str]:
    return [case.lead.uid for case in findings.cases(list, sort, user, None, 10).cases]


def test_cases_are_sorted_by_what_is_asked_open_ones_first_and_the_users_before_them() -> None:
    findings = FindingIndex(100)
    rows = ((Severity.LOW, 9, 1), (Severity.HIGH, 2, 2), (Severity.MEDIUM, 5, 3), (Severity.CRITICAL, 1, 0))
    for uid, (severity, count, last) in zip(UIDS, rows, strict=True):
        findings.put(found(uid=uid, sender=uid, severity=severity, count=count, last_seen_ms=START_MS + last))
    low, high, medium, critical = UIDS
    assert leads(findings, "severity") == [critical, high, medium, low]
    assert leads(findings, "count") == [low, medium, high, critical]
    assert leads(findings, "last") == [medium, high, low, critical]
    act(findings, "resolve", critical)
    act(findings, "acknowledge", low, user="ross")
    assert leads(findings, "severity") == [high, medium, low, critical]
    assert leads(findings, "severity", "ross") == [low, high, medium, critical]
    act(findings, "resolve", low, user="ross")
    assert leads(findings, "severity", "ross") == [high, medium, critical, low]


def test_the_findings_of_a_sender_are_a_case_and_those_of_many_senders_one_each() -> None:
    findings = FindingIndex(100)
    findings.put(found(severity=Severity.LOW))
    findings.put(found(uid=UIDS[1], severity=Severity.HIGH))
    for uid in UIDS[2:]:
        findings.put(found(uid=uid, sender=None, group_by="domain", severity=Severity.MEDIUM))
    page = findings.cases(list, "severity", "", None, 10)
    assert [[each.uid for each in case.findings] for case in page.cases] == [
        [UIDS[1], UIDS[0]],
        [UIDS[3]],
        [UIDS[2]],
    ]
    assert (page.total, page.more) == (4, False)
    low = findings.cases(lambda chosen: [each for each in chosen if each.severity == Severity.LOW], "last", "", None, 9)
    assert [[each.uid for each in case.findings] for case in low.cases] == [[UIDS[0]]]


ACTION: tuple[TriageAction, ...] = ("acknowledge", "resolve", "reopen")
STATES = st.lists(
    st.tuples(st.integers(0, 20), st.integers(1, 9), st.integers(0, 9), st.sampled_from(ACTION) | st.none()),
    max_size=60,
)


@given(STATES, st.sampled_from(SORTS), st.sampled_from(["", "khan"]), st.integers(1, 7))
def test_pages_of_cases_are_in_order_and_lose_nothing(
    states: list[tuple[int, int, int, TriageAction | None]], sort: Sort, user: str, limit: int
) -> None:
    findings = FindingIndex(1000)
    for number, sequence, last, action in states:
        uid = f"{number:032x}"
        findings.put(
            found(uid=uid, sender=f"{number % 5}", sequence=sequence, count=last, last_seen_ms=START_MS + last)
        )
        if action is not None:
            act(findings, action, uid)
    seen: list[Place] = []
    shown: list[str] = []
    before: Place | None = None
    while True:
        page = findings.cases(list, sort, user, before, limit)
        seen += [place(case.lead, sort, user) for case in page.cases]
        shown += [each.uid for case in page.cases for each in case.findings]
        if not page.more:
            break
        before = seen[-1]
    assert seen == sorted(seen, reverse=True)
    assert sorted(shown) == sorted({f"{number:032x}" for number, *_ in states})
