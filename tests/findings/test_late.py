"""Mail that arrives after its window's state was dropped makes findings of its own."""

import random
from collections import Counter

import pytest

from streams.events.hit import Tick, TypoHit
from streams.findings.rules import GroupBy
from streams.findings.settings import FindingsSettings
from tests.findings import oracle
from tests.findings.samples import DAY_MS, HOUR_MS, MONDAY_MS, hit, tick
from tests.findings.test_state import DROP_MS, FINAL_MS, Driver, mail
from tests.findings.test_state_oracle import by_finding, check_states, key_of
from tests.findings.worker import Worker, compacted
from tests.seeds import seeds

POLICY = FindingsSettings().policy()


def test_a_late_hit_has_a_finding_of_its_own() -> None:
    drive = Driver()
    (created,) = drive(mail(1))
    drive(tick(DROP_MS))
    (late,) = drive(mail(2))
    assert (late.late, late.window, late.count, late.activity) == (True, "late", 1, "create")
    assert (late.start_ms, late.end_ms) == (created.start_ms, created.end_ms)
    assert late.uid != created.uid
    assert late.description.endswith("They arrived too late to be counted in their window, and are counted apart.")
    assert drive.late == 1


def test_late_hits_of_a_window_share_a_late_window_until_it_is_dropped() -> None:
    drive = Driver()
    drive(tick(DROP_MS))
    (late,) = drive(mail(1))
    (more,) = drive(mail(2))
    assert (more.uid, more.count, more.sequence) == (late.uid, 2, 2)
    (final,) = drive(tick(DROP_MS + DAY_MS))
    assert (final.uid, final.window, final.late, final.count) == (late.uid, "final", True, 2)
    assert drive(tick(DROP_MS + 2 * DAY_MS)) == []
    (another,) = drive(mail(3))
    assert another.uid != late.uid
    assert (another.sequence, another.count) == (1, 1)
    assert drive.late == 3


def test_until_the_drop_mail_joins_its_window() -> None:
    drive = Driver()
    drive(tick(DROP_MS - 1))
    (created,) = drive(mail(1))
    assert (created.late, created.window) == (False, "final")
    assert FINAL_MS < DROP_MS


def test_lateness_depends_on_the_order_in_the_log_not_on_batches() -> None:
    drive = Driver()
    first, late = drive(mail(1), tick(DROP_MS), mail(2))
    assert (first.late, late.late, late.count) == (False, True, 1)


def stream(seed: int, mails: int) -> tuple[list[TypoHit], list[TypoHit | Tick]]:
    """Each mail once, many of them days late; ticks are far apart."""
    chance = random.Random(seed)
    hits, arrivals = [], []
    for number in range(mails):
        made = hit(
            MONDAY_MS + chance.randrange(12 * DAY_MS),
            sender=f"desk{chance.randrange(6)}@mod.gov.uk",
            domain=f"army{chance.randrange(4)}.ml",
            message_id=f"<{number}@mod.gov.uk>",
            certain=chance.random() < 0.7,
        )
        hits.append(made)
        arrivals.append((made.time + chance.choice((0, 0, 0, 30, 60, 100, 200, 400)) * HOUR_MS, number, made))
    log: list[TypoHit | Tick] = []
    next_tick = MONDAY_MS
    for arrived, _, made in sorted(arrivals, key=lambda arrival: arrival[:2]):
        while next_tick <= arrived:
            log.append(tick(next_tick))
            next_tick += chance.choice((6, 30)) * HOUR_MS
        log.append(made)
    log += [tick(next_tick + days * DAY_MS) for days in (40, 75, 110, 150, 200)]
    return hits, log


@pytest.mark.parametrize("group_by", ["sender", "domain"])
@pytest.mark.parametrize("seed", seeds(6))
def test_each_mail_counts_once_however_late_and_despite_crashes(
    seed: int, group_by: GroupBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 2:
        monkeypatch.setattr("streams.findings.state.MAX_TOMBSTONES", 5)
        monkeypatch.setattr("streams.findings.state.MAX_ALERTS", 2)
        monkeypatch.setattr("streams.findings.state.WATERMARK_STEP_MS", 100 * DAY_MS)
    hits, log = stream(seed, mails=200)
    worker = Worker(POLICY, log, group_by, seed, chance=0.1, largest_batch=100).run()
    findings = by_finding(worker.views())
    check_states(worker, findings)
    counted: Counter[oracle.Key] = Counter()
    for views in findings.values():
        last = max(views, key=lambda view: view.sequence)
        assert last.window == "final"
        if last.counts == "mails":
            counted[key_of(last)] += last.count
    rules = [rule for rule in oracle.DEFAULT_RULES if rule.group_by == group_by and rule.count == "mails"]
    assert counted == {key: found.count for key, found in oracle.expected(hits, rules).items()}
    assert {key for key, _ in compacted(worker.topic)} == {b"c", b"w"}
