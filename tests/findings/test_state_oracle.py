"""Whatever the order, the repeats, the batches and the crashes, the findings equal those of a plain loop."""

from collections import defaultdict
from dataclasses import replace

import pytest

from streams.domains.watchlist.watchlist import Group
from streams.events.alert_view import AlertView
from streams.events.asked import NOTHING_ASKED
from streams.events.hit import TypoHit
from streams.findings.rules import GroupBy
from streams.findings.settings import FindingsSettings
from streams.severity import Severity
from tests.findings import oracle
from tests.findings.samples import stream
from tests.findings.worker import Worker, compacted
from tests.seeds import seeds

LABELS = {"official-sensitive": "medium"}
POLICY = FindingsSettings.model_validate({"labels": LABELS}).policy(
    {"allies": Group(Severity.HIGH), "own": Group(None)}
)


def expected(worker: Worker, hits: list[TypoHit]) -> dict[oracle.Key, oracle.Expected]:
    rules = [rule for rule in oracle.DEFAULT_RULES if rule.group_by == worker.group_by]
    return oracle.expected(hits, rules, {"OFFICIAL-SENSITIVE": "medium"}, {"allies": "high"})


def by_finding(views: list[AlertView]) -> dict[str, list[AlertView]]:
    """In the order in which they were sent."""
    found: dict[str, list[AlertView]] = defaultdict(list)
    for view in views:
        found[view.uid].append(view)
    return found


def key_of(view: AlertView) -> oracle.Key:
    return view.rule, (view.sender or "") if view.group_by == "sender" else view.domain, view.start_ms


def check(worker: Worker, hits: list[TypoHit]) -> None:
    findings = by_finding(worker.views())
    last = [max(views, key=lambda view: view.sequence) for views in findings.values()]
    found = {
        key_of(view): oracle.Expected(view.count, view.severity.word, view.peak, view.delivered_count, view.asked)
        for view in last
    }
    assert found == expected(worker, hits)
    assert all(view.window == "final" for view in last)
    assert worker.late == 0
    check_states(worker, findings)


def check_states(worker: Worker, findings: dict[str, list[AlertView]]) -> None:
    """A state's uid and a finding's sequence number each have one content, and sequences rise."""
    contents: dict[str, set[bytes]] = defaultdict(set)
    states: dict[tuple[str, int], set[str]] = defaultdict(set)
    for alert, view in zip(worker.sent, worker.views(), strict=True):
        contents[view.state_uid].add(alert.value)
        states[view.uid, view.sequence].add(view.state_uid)
    assert all(len(values) == 1 for values in contents.values())
    assert all(len(uids) == 1 for uids in states.values())
    for views in findings.values():
        first_sent = list(dict.fromkeys(view.sequence for view in views))
        assert first_sent == sorted(first_sent)


@pytest.mark.parametrize("group_by", ["sender", "domain"])
@pytest.mark.parametrize("seed", seeds(3))
def test_a_worker_that_never_crashes(seed: int, group_by: GroupBy) -> None:
    hits, log = stream(seed, mails=1_500 if seed else 500)
    worker = Worker(POLICY, log, group_by, seed).run()
    check(worker, hits)
    assert len(worker.sent) == len({view.state_uid for view in worker.views()}), "an alert was sent twice"
    assert {key for key, _ in compacted(worker.topic)} == {b"c", b"w"}


@pytest.mark.parametrize("group_by", ["sender", "domain"])
@pytest.mark.parametrize("seed", seeds(8))
def test_a_worker_that_crashes(seed: int, group_by: GroupBy) -> None:
    hits, log = stream(seed, mails=600 if seed else 300)
    worker = Worker(POLICY, log, group_by, seed, chance=0.05).run()
    check(worker, hits)
    assert {key for key, _ in compacted(worker.topic)} == {b"c", b"w"}


def test_low_limits_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows are packed after each batch, and an outcome has few alerts and few tombstones."""
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED", 2)
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED_HITS", 5)
    monkeypatch.setattr("streams.findings.state.MAX_ALERTS", 3)
    monkeypatch.setattr("streams.findings.state.MAX_TOMBSTONES", 7)
    hits, log = stream(seed=11, mails=400)
    check(Worker(POLICY, log, "sender", seed=11, chance=0.03).run(), hits)


def test_any_order_of_arrival() -> None:
    hits, log = stream(seed=5, mails=500)
    ticks = [item for item in log if item not in hits]
    worker = Worker(POLICY, [*reversed(hits), *hits, *ticks], "domain", seed=5).run()
    check(worker, hits)


@pytest.mark.parametrize("group_by", ["sender", "domain"])
@pytest.mark.parametrize("seed", seeds(3))
def test_with_a_gate_that_asks(seed: int, group_by: GroupBy) -> None:
    """Its questions are counted apart: each finding of mail is as it is without a gate, and those without mail ring
    nobody."""
    hits, log = stream(seed, mails=300, questions=400)
    worker = Worker(POLICY, log, group_by, seed, chance=0.03).run()
    check(worker, hits)
    assert {key for key, _ in compacted(worker.topic)} == {b"c", b"w"}
    mail = expected(worker, [hit for hit in hits if not hit.asked])
    found = expected(worker, hits)
    assert {key: replace(found[key], asked=NOTHING_ASKED) for key in mail} == mail
    only_asked = {key: finding for key, finding in found.items() if key not in mail}
    assert only_asked
    assert {finding.severity for finding in only_asked.values()} == {"informational"}
    assert not any(view.is_alert for view in worker.views() if key_of(view) in only_asked)
