"""Findings of a domain that becomes allowed are withdrawn."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from streams.events.alert_view import AlertView
from streams.events.hit import Tick, TypoHit
from streams.findings.rules import GroupBy
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from streams.severity import Severity
from tests.findings import oracle
from tests.findings.samples import DAY_MS, HOUR_MS, MONDAY_MS, hit, stream, tick
from tests.findings.test_state_oracle import by_finding, check_states, key_of
from tests.findings.worker import DIGESTS, Worker, compacted
from tests.seeds import seeds

POLICY = FindingsSettings().policy()


def allows(*domains: str) -> Callable[[str], bool]:
    return lambda domain: domain in domains


def worker(*log: TypoHit | Tick) -> Worker:
    """A worker that has read this log."""
    return Worker(POLICY, log, largest_batch=1).run()


def read_on(worker: Worker, *items: TypoHit | Tick) -> list[AlertView]:
    """The alerts of one more batch."""
    before = len(worker.sent)
    worker.take(items, worker.committed)
    worker.committed += len(items)
    return worker.views()[before:]


def allow(worker: Worker, *domains: str) -> None:
    worker.policy = replace(POLICY, is_allowed=allows(*domains))
    worker.state.adopt(worker.policy)


def test_a_finding_with_nothing_left_is_closed_with_the_next_tick() -> None:
    one = worker(hit(), hit(MONDAY_MS + 1))
    allow(one, "army.ml")
    assert read_on(one, hit(MONDAY_MS + 2, sender="other@mod.gov.uk", domain="navy.ml"))[0].activity == "create"
    (closed,) = read_on(one, tick(MONDAY_MS))
    assert (closed.activity, closed.is_alert, closed.sequence, closed.count) == ("close", False, 3, 2)
    assert closed.title == "Withdrawn: desk7@mod.gov.uk sent 2 mails to army.ml, probably meant for army.mil"
    assert one.state.findings_open() == {"sender-typo-hits": 1}
    assert sorted(key[:1] for key, _ in compacted(one.topic)) == [b"c", b"f", b"f", b"h", b"w"]
    assert read_on(one, tick(MONDAY_MS + 2 * DAY_MS))[0].sender == "other@mod.gov.uk", "a withdrawn finding ends"


def test_a_finding_with_other_domains_left_is_updated() -> None:
    one = worker(hit(), hit(MONDAY_MS + 1), hit(MONDAY_MS + 2, domain="navy.ml"))
    allow(one, "army.ml")
    (updated,) = read_on(one, tick(MONDAY_MS))
    assert (updated.activity, updated.is_alert, updated.count, updated.domain_count) == ("update", False, 1, 1)
    assert updated.severity == Severity.LOW
    assert [domain.domain for domain in updated.domains] == ["navy.ml"]
    assert one.state.findings_open() == {"sender-typo-hits": 1}


def test_a_finding_that_drops_below_its_lowest_level_is_closed() -> None:
    levels = [{"name": "few", "group_by": "sender", "window": "24h", "levels": {2: "low"}}]
    policy = FindingsSettings.model_validate({"rules": levels}).policy()
    one = Worker(policy, [hit(), hit(MONDAY_MS + 1, domain="navy.ml")]).run()
    one.state.adopt(replace(policy, is_allowed=allows("army.ml")))
    (closed,) = read_on(one, tick(MONDAY_MS))
    assert (closed.activity, closed.count) == ("close", 2)
    (reopened,) = read_on(one, hit(MONDAY_MS + 2, domain="navy.ml"))
    assert (reopened.activity, reopened.is_alert, reopened.count, reopened.sequence) == ("update", True, 2, 3)
    assert [domain.domain for domain in reopened.domains] == ["navy.ml"]


def test_hits_of_allowed_domains_are_not_counted() -> None:
    one = worker()
    allow(one, "army.ml")
    assert read_on(one, hit(), tick(MONDAY_MS)) == []
    assert [key for key, _ in one.topic] == [b"c", b"w"]


def test_a_withdrawn_finding_is_reopened_when_its_domain_is_no_longer_allowed() -> None:
    one = worker(hit())
    allow(one, "army.ml")
    read_on(one, tick(MONDAY_MS))
    allow(one)
    one.state = one.load()
    (reopened,) = read_on(one, hit(MONDAY_MS + 1))
    assert (reopened.activity, reopened.is_alert, reopened.sequence, reopened.count) == ("update", True, 3, 1)
    assert reopened.uid == one.views()[0].uid
    assert one.state.findings_open() == {"sender-typo-hits": 1}


def test_a_domain_that_became_allowed_while_no_worker_ran_is_withdrawn_too() -> None:
    one = worker(hit())
    one.policy = replace(POLICY, is_allowed=allows("army.ml"))
    one.state = one.load()
    assert [view.activity for view in read_on(one, tick(MONDAY_MS))] == ["close"]


def test_a_running_state_keeps_its_rules() -> None:
    with pytest.raises(ValueError, match="cannot change its rules"):
        PartitionState(POLICY, DIGESTS, "sender").adopt(replace(POLICY, rules=()))


class Reloading(Worker):
    """A worker whose watchlist allows army1.ml from half of the log on."""

    def take(self, batch: Sequence[TypoHit | Tick], first_offset: int) -> None:
        if first_offset + len(batch) > len(self.log) // 2 and self.policy is POLICY:
            self.policy = replace(POLICY, is_allowed=allows("army1.ml"))
            self.state.adopt(self.policy)
        super().take(batch, first_offset)


@pytest.mark.parametrize("group_by", ["sender", "domain"])
@pytest.mark.parametrize("seed", seeds(5))
def test_a_worker_that_crashes_withdraws_what_it_must(
    seed: int, group_by: GroupBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 2:
        monkeypatch.setattr("streams.findings.state.MAX_ALERTS", 3)
        monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED", 5)
    hits, log = stream(seed, mails=400)
    one = Reloading(POLICY, log, group_by, seed, chance=0.04).run()
    findings = by_finding(one.views())
    check_states(one, findings)
    last = {key_of(view): view for view in (max(views, key=lambda v: v.sequence) for views in findings.values())}
    rules = [rule for rule in oracle.DEFAULT_RULES if rule.group_by == group_by]
    counts = {
        key: found.count for key, found in oracle.expected([h for h in hits if h.domain != "army1.ml"], rules).items()
    }
    kept_from = max(item.time for item in log[: len(log) // 2] if isinstance(item, TypoHit)) - 2 * DAY_MS - HOUR_MS
    for key, view in last.items():
        if view.activity == "close":
            assert key not in counts
        elif view.end_ms > kept_from:
            assert view.count == counts[key]
            assert "army1.ml" not in {domain.domain for domain in view.domains}
    assert {key for key in counts if key[2] > kept_from} <= set(last)
    assert {key for key, _ in compacted(one.topic)} == {b"c", b"w"}
