"""The figures of a week: mails, what the gate prevented, and what was made of the findings."""

from __future__ import annotations

from typing import Any

from streams.backtest.groups import SenderGroups
from streams.backtest.week import Week, week_of
from streams.events.alert import encode_alert
from streams.events.alert_view import AlertView, read_alert
from streams.events.asked import AskedCounts
from streams.events.hit import TypoHit
from streams.severity import Severity
from streams.triage.decide import TriageAction, decide
from streams.triage.decision import TriageDecision
from streams.triage.status import TriageStatus
from tests.cli.finding import ARMY, DAY_MS, START_MS, finding
from tests.cli.hits.test_run import hit

GROUPS = SenderGroups({"mod.gov.uk": "Headquarters"})


def week(*hits: TypoHit, states: tuple[AlertView, ...] = (), decisions: tuple[TriageDecision, ...] = ()) -> Week:
    decided = {decision.finding_uid: decision for decision in decisions}
    return week_of(hits, states, decided, GROUPS, since_ms=START_MS, until_ms=START_MS + 7 * DAY_MS)


def state(number: int, domain: Any = ARMY, **changes: Any) -> AlertView:
    return read_alert(encode_alert(finding(domain, uid=f"{number:032x}", **changes)))


def decision(action: TriageAction, view: AlertView) -> TriageDecision:
    return decide(action, view, None, user="khan", now_ms=START_MS + 9)


def test_mails_of_its_time_count_once_for_each_mistaken_domain() -> None:
    found = week(
        hit(1, "m1", 10, delivery="delivered"),
        hit(2, "m1", 20, delivery="failed"),
        hit(3, "m1", 20, domain="navy.ml", intended="navy.mil", delivery="failed"),
        hit(4, "m2", -1),
        hit(5, "m3", 7 * DAY_MS + 1),
    )
    assert (found.totals.mails, found.totals.delivered) == (2, 1)
    assert set(found.totals.domains) == {"army.ml", "navy.ml"}
    assert found.totals.by_group == {"Headquarters": 2}
    assert found.days == (START_MS // DAY_MS, START_MS // DAY_MS + 7)


def test_what_the_gate_refused_is_prevented_until_it_is_confirmed() -> None:
    found = week(
        hit(1, "a", asked="asked"),
        hit(2, "b", asked="asked"),
        hit(3, "b", asked="corrected"),
        hit(4, "c", asked="confirmed"),
        hit(5, "c", asked="asked"),
        hit(6, "c"),
    )
    assert found.asked == AskedCounts(asked=3, confirmed=1, corrected=1)
    assert (found.prevented, found.totals.mails) == (2, 1)


def test_findings_count_by_severity_and_by_what_was_decided() -> None:
    new, resolved, wrong = state(1), state(2, severity=Severity.LOW), state(3)
    old = state(4, first_seen_ms=START_MS - 9, last_seen_ms=START_MS - 1)
    since_before = state(5, severity=Severity.LOW, first_seen_ms=START_MS - 9, count=9)
    decisions = (decision("resolve", resolved), decision("false-alarm", wrong))
    found = week(hit(1, "a"), states=(new, resolved, wrong, old, since_before), decisions=decisions)
    assert found.findings == {
        (Severity.HIGH, TriageStatus.NEW): 1,
        (Severity.LOW, TriageStatus.RESOLVED): 1,
        (Severity.HIGH, TriageStatus.SUPPRESSED): 1,
        (Severity.LOW, TriageStatus.NEW): 1,
    }
    assert found.open_findings == 2
    assert [view.uid for view in found.worst] == [new.uid, since_before.uid]
    assert found.false_alarms == {"army.ml": 1}
    assert found.raised_by_day == {START_MS // DAY_MS: 3}
    assert found.totals.domains["army.ml"].findings_alone == 4


def test_a_finding_with_later_mail_is_open_again() -> None:
    seen = state(1)
    later = state(1, count=4, last_seen_ms=seen.last_seen_ms + 1)
    assert week(states=(later,), decisions=(decision("resolve", seen),)).open_findings == 1
