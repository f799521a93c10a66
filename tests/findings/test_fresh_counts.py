"""A finding that has grown is published again within a minute, and its count is a minimum where it may lag longer."""

import random
from collections.abc import Iterator

import pytest

from streams.events.alert_view import AlertView, read_alert
from streams.events.hit import Tick, TypoHit
from streams.findings.rules import GroupBy
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from tests.findings import oracle
from tests.findings.samples import DAY_MS, HOUR_MS, MONDAY_MS, hit, tick
from tests.findings.worker import DIGESTS, Worker
from tests.seeds import seeds

SECOND_MS, MINUTE_MS = 1_000, 60_000
POLICY = FindingsSettings().policy()
LIMITS = oracle.Limits(after_ms=MINUTE_MS, quick=10, growth=0.1, slow_ms=15 * MINUTE_MS)
NOON_MS = MONDAY_MS + 12 * HOUR_MS


def mail(number: int, **given: object) -> TypoHit:
    return hit(NOON_MS + number, message_id=f"<{number}>", **given)


class Minutes:
    """A partition that is read at every watermark message; `at` is the time of one, in minutes from noon."""

    def __init__(self, policy: FindingsSettings | None = None) -> None:
        self.state = PartitionState((policy or FindingsSettings()).policy(), DIGESTS, "sender")
        self.offset, self.records = 0, list[tuple[bytes, bytes | None]]()

    def __call__(self, at: float, *hits: TypoHit) -> list[AlertView]:
        """Apply the watermark message of this minute, then the hits; the alerts for both."""
        batch: list[TypoHit | Tick] = [tick(NOON_MS + int(at * MINUTE_MS)), *hits]
        last = self.offset + len(batch) - 1
        outcomes = list(self.state.apply(batch, first_offset=self.offset, last_offset=last))
        self.offset = last + 1
        self.records += [record for outcome in outcomes for record in outcome.records]
        return [read_alert(alert.value) for outcome in outcomes for alert in outcome.alerts]

    def restart(self) -> None:
        """Restore the state from what was written."""
        self.state = PartitionState.load(POLICY, DIGESTS, "sender", self.records, self.offset)


def test_growth_is_published_after_a_minute_and_rings_nobody() -> None:
    at = Minutes()
    at(0, *map(mail, range(4)))
    assert at(0.5, mail(4), mail(5)) == []
    assert at(1.4) == []
    (view,) = at(1.5)
    assert (view.activity, view.is_alert, view.count, view.count_is_minimum) == ("update", False, 6, False)
    assert at(9) == []


def test_an_alert_with_news_publishes_the_growth_too() -> None:
    at = Minutes()
    at(0, *map(mail, range(4)))
    at(0.2, mail(4))
    (news,) = at(0.4, *map(mail, range(5, 8)))
    assert news.count == 8
    assert at(2) == []


def test_a_better_known_delivery_is_published_too() -> None:
    at = Minutes()
    at(0, *(mail(number, delivery="delivered") for number in range(4)))
    at(1, mail(4, delivery="deferred"), mail(5, delivery="deferred"))
    at(2)
    assert at(3, mail(4, delivery="delivered"), mail(5, delivery="failed")) == []
    (view,) = at(4)
    assert (view.count, view.delivered_count) == (6, 5)


def test_after_ten_updates_a_count_is_a_minimum_and_updates_wait_for_growth_or_a_quarter_of_an_hour() -> None:
    at = Minutes()
    at(0, *map(mail, range(1_100)))
    quick = [view for minute in range(1, 12) for view in at(minute, mail(1_100 + minute))]
    assert [view.count_is_minimum for view in quick] == [False] * 9 + [True]
    assert [at(minute) for minute in (12, 25)] == [[], []]
    (slow,) = at(26)
    assert (slow.count, slow.count_is_minimum, slow.is_alert) == (1_111, True, False)
    (grown,) = at(27, *map(mail, range(2_000, 2_112))) + at(28)
    assert (grown.count, grown.count_is_minimum) == (1_223, True)
    (final,) = at(5 * 24 * 60)
    assert (final.window, final.count, final.count_is_minimum) == ("final", 1_223, False)


def test_a_full_finding_stays_a_minimum_through_a_restart_and_a_slow_one_does_not() -> None:
    for most, expected in ((1_050, True), (2_000, False)):
        at = Minutes(FindingsSettings(quick_updates=1, max_mails=most))
        at(0, *map(mail, range(1_030)))
        assert [view.count_is_minimum for minute in (1, 2) for view in at(minute, mail(1_030))] == [True]
        at(3, *map(mail, range(1_030, 1_060)))
        at.restart()
        assert at(5 * 24 * 60)[-1].count_is_minimum == expected


def test_growth_before_a_restart_is_published_after_it() -> None:
    at = Minutes()
    at(0, *map(mail, range(4)))
    at(0.5, mail(4))
    at.restart()
    assert at(0.6) == []
    (view,) = at(1.6)
    assert (view.count, view.sequence) == (5, 2)
    at.restart()
    assert [at(minute) for minute in (2, 3, 20)] == [[], [], []]


def test_a_partition_that_stands_still_delays_nothing() -> None:
    state = PartitionState(POLICY, DIGESTS, "sender")
    list(state.apply([tick(NOON_MS, 0, 2), tick(NOON_MS, 1, 2), mail(0), mail(1)], first_offset=0, last_offset=3))
    list(state.apply([mail(2), mail(3)], first_offset=4, last_offset=5))
    list(state.apply([mail(4)], first_offset=6, last_offset=6))
    (outcome,) = state.apply([tick(NOON_MS + MINUTE_MS, 1, 2)], first_offset=7, last_offset=7)
    assert [read_alert(alert.value).count for alert in outcome.alerts] == [5]
    assert state.watermark_ms == NOON_MS


def test_a_peak_that_rises_with_the_window_before_is_published() -> None:
    at = Minutes()
    midnight = MONDAY_MS + DAY_MS
    at(0, *(hit(midnight + number, message_id=f"<after {number}>") for number in range(4)))
    at(1, *(hit(midnight - number, message_id=f"<before {number}>") for number in (1, 2)))
    (view,) = at(2)
    assert (view.count, view.peak) == (4, 6)


def test_the_settings() -> None:
    settings = FindingsSettings(update_after="5s", quick_updates=0, slow_update_after="1m", update_growth=50)
    at = Minutes(settings)
    (created,) = at(0, *map(mail, range(130)))
    assert created.count_is_minimum
    at(0, mail(130))
    assert at(0.5) == []
    assert [view.count for view in at(1)] == [131]
    at(1, *map(mail, range(200, 266)))
    assert [view.count for view in at(1.1)] == [197]


def busy_stream(seed: int) -> Iterator[list[TypoHit | Tick]]:
    """An hour of mail of few senders, and a quiet one, cut at watermark messages that come every 5 to 40 seconds."""
    chance, now_ms, number = random.Random(seed), 0, 0
    yield [tick(NOON_MS)]
    while now_ms < 2 * HOUR_MS:
        now_ms += chance.randrange(5 * SECOND_MS, 40 * SECOND_MS)
        batch: list[TypoHit | Tick] = []
        for _ in range(chance.choice((0, 0, 0, 1, 2, 5)) if now_ms < HOUR_MS else 0):
            number += 1
            sender = f"desk{min(int(chance.expovariate(0.6)), 5)}@mod.gov.uk"
            domain = f"army{min(int(chance.expovariate(1)), 3)}.ml"
            at_ms = NOON_MS + now_ms - chance.choice((0, 1, 60)) * SECOND_MS
            batch.append(hit(at_ms, message_id=f"<{number}>", sender=sender, domain=domain))
        yield [*batch, tick(NOON_MS + now_ms)]


@pytest.mark.parametrize("group_by", ["sender", "domain"])
@pytest.mark.parametrize("seed", seeds(2))
def test_no_published_number_is_stale(seed: int, group_by: GroupBy) -> None:
    worker = Worker(POLICY, [], group_by)
    rules = [rule for rule in oracle.DEFAULT_RULES if rule.group_by == group_by]
    arrivals: list[tuple[int, TypoHit]] = []
    published: dict[oracle.Key, oracle.Published] = {}
    compared, sent, now_ms = 0, 0, NOON_MS
    for batch in busy_stream(seed):
        arrivals += [(now_ms, item) for item in batch if isinstance(item, TypoHit)]
        worker.take(batch, worker.committed)
        worker.committed += len(batch)
        (now_ms,) = [time_ms for item in batch if isinstance(item, Tick) for time_ms in item.tick.values()]
        for view in (read_alert(alert.value) for alert in worker.sent[sent:]):
            published[oracle_key(view)] = oracle.Published(view.count, view.count_is_minimum)
        sent = len(worker.sent)
        assert oracle.stale(published, arrivals, now_ms, LIMITS, rules) == []
        compared += len(published)
    assert compared > 500
    assert any(view.count_is_minimum for view in worker.views())
    assert len({view.state_uid for view in worker.views()}) == len(worker.sent)


@pytest.mark.parametrize("group_by", ["sender", "domain"])
@pytest.mark.parametrize("seed", seeds(3))
def test_after_crashes_nothing_stays_stale(seed: int, group_by: GroupBy) -> None:
    log = [item for batch in busy_stream(seed) for item in batch]
    hits = [item for item in log if isinstance(item, TypoHit)]
    log += [tick(NOON_MS + 2 * HOUR_MS + minute * MINUTE_MS) for minute in range(120)]
    worker = Worker(POLICY, log, group_by, seed, chance=0.02).run()
    rules = [rule for rule in oracle.DEFAULT_RULES if rule.group_by == group_by]
    last = {view.uid: view for view in sorted(worker.views(), key=lambda view: view.sequence)}.values()
    assert {view.window for view in last} == {"open"}
    assert {oracle_key(view): view.count for view in last} == {
        key: found.count for key, found in oracle.expected(hits, rules).items()
    }
    contents: dict[tuple[str, int], set[str]] = {}
    for view in worker.views():
        contents.setdefault((view.uid, view.sequence), set()).add(view.state_uid)
    assert all(len(uids) == 1 for uids in contents.values())


def oracle_key(view: AlertView) -> oracle.Key:
    return view.rule, (view.sender or "") if view.group_by == "sender" else view.domain, view.start_ms


def test_the_oracle_finds_what_is_stale() -> None:
    arrivals = [(NOON_MS + number * MINUTE_MS, mail(number)) for number in range(40)]
    key = "sender-typo-hits", "desk7@mod.gov.uk", MONDAY_MS
    rules = oracle.DEFAULT_RULES[:1]

    def is_stale(count: int, *, minimum: bool) -> bool:
        return bool(oracle.stale({key: oracle.Published(count, minimum)}, arrivals, arrivals[-1][0], LIMITS, rules))

    assert [is_stale(count, minimum=False) for count in (38, 39, 40)] == [True, False, False]
    assert [is_stale(count, minimum=True) for count in (24, 35, 36)] == [True, True, False]
    assert oracle.stale({}, arrivals, arrivals[-1][0], LIMITS, rules) == [key]
