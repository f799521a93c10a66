"""The newest state of each finding, sorted, in bounded memory; and the changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.console.finding_index import CHANGES_KEPT, FindingIndex
from streams.events.finding import Evidence
from streams.severity import Severity
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
        seen += [finding.order for finding in page.findings]
        if not page.more:
            break
        place = page.findings[-1].order
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
