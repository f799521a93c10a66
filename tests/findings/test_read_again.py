"""Mail events that are read again after their windows were dropped give the same hits again, which aren't news."""

from __future__ import annotations

import pytest
from msgspec import structs

from streams.events.hit import Tick, TypoHit
from streams.findings.rules import GroupBy
from streams.findings.settings import FindingsSettings
from streams.findings.state import PartitionState
from tests.findings.log.test_load import alerts, apply, fresh, load, records
from tests.findings.samples import DAY_MS, hit, stream, tick
from tests.findings.test_state import DROP_MS, mail
from tests.findings.worker import Worker, compacted
from tests.seeds import seeds

POLICY = FindingsSettings().policy()


def placed(log: list[TypoHit | Tick], partitions: int = 3) -> list[TypoHit | Tick]:
    """The log, with the partition and the offset at which the mail event of each hit was first read."""
    ends, places = [0] * partitions, dict[str, tuple[int, int]]()
    for item in log:
        if isinstance(item, TypoHit) and item.event_id not in places:
            partition = len(places) % partitions
            places[item.event_id] = partition, ends[partition]
            ends[partition] += 1
    return [item if isinstance(item, Tick) else at(item, *places[item.event_id]) for item in log]


def at(one: TypoHit, partition: int, offset: int) -> TypoHit:
    return structs.replace(one, partition=partition, offset=offset)


def late(state: PartitionState, *batch: TypoHit | Tick, offset: int) -> tuple[int, int, int]:
    """(late, repeated, alerts) of a batch."""
    outcomes = apply(state, *batch, offset=offset)
    return sum(o.late for o in outcomes), sum(o.repeated for o in outcomes), len(alerts(outcomes))


@pytest.mark.parametrize("group_by", ["sender", "domain"])
@pytest.mark.parametrize("seed", seeds(3))
def test_nothing_is_published_twice_when_all_events_are_read_again(seed: int, group_by: GroupBy) -> None:
    """Also after crashes, and read by a worker that crashes."""
    _, made = stream(seed, mails=400)
    log = placed(made)
    worker = Worker(POLICY, log, group_by, seed, chance=0.02).run()
    published = {view.state_uid for view in worker.views()}
    worker.log = [*log, *(item for item in log if isinstance(item, TypoHit))]
    worker.run()
    assert {view.state_uid for view in worker.views()} == published
    assert worker.late == 0


def test_a_mail_event_that_is_late_for_real_is_news() -> None:
    state = fresh()
    apply(state, at(mail(1), 0, 5), at(mail(2), 1, 90), tick(DROP_MS))
    assert late(state, at(mail(1), 0, 5), at(mail(2), 1, 90), offset=3) == (0, 2, 0)
    assert late(state, at(mail(3), 0, 6), offset=5) == (1, 0, 1)
    assert late(state, at(mail(4), 2, 0), offset=6)[:2] == (1, 0), "of a partition that was never read"


def test_hits_of_a_late_window_are_recognised_too() -> None:
    state = fresh()
    apply(state, at(mail(1), 0, 5), tick(DROP_MS), at(mail(2), 0, 6))
    assert late(state, at(mail(2), 0, 6), at(mail(1), 0, 5), offset=3) == (0, 1, 0), "the first is in its window still"
    apply(state, tick(DROP_MS + 9 * DAY_MS), offset=5)
    assert late(state, at(mail(2), 0, 6), at(mail(1), 0, 5), offset=6) == (0, 2, 0)


def test_a_domain_that_a_changed_watchlist_finds_is_news() -> None:
    state = fresh()
    apply(state, at(mail(1), 0, 5), tick(DROP_MS))
    assert late(state, at(mail(1, domain="navy.ml"), 0, 5), offset=2) == (1, 0, 1)


def test_it_is_restored() -> None:
    state = fresh()
    written = records(apply(state, at(mail(1), 0, 5), tick(DROP_MS)))
    written += records(apply(state, at(hit(DROP_MS), 0, 7), at(hit(DROP_MS), 0, 9), offset=2))
    loaded = load(compacted(written), 4)
    apply(loaded, tick(DROP_MS + 9 * DAY_MS), offset=4)
    assert late(loaded, at(mail(1), 0, 5), at(hit(DROP_MS), 0, 9), offset=5) == (0, 2, 0)


def test_offsets_that_begin_again_in_a_new_topic_are_noticed_by_the_first_hit_that_is_new() -> None:
    state = fresh()
    apply(state, at(mail(1), 0, 500), tick(DROP_MS))
    apply(state, at(hit(DROP_MS, message_id="<new@mod.gov.uk>"), 0, 3), offset=2)
    assert late(state, at(mail(2), 0, 4), offset=3)[:2] == (1, 0)


def test_hits_without_a_place_are_counted_as_before() -> None:
    state = fresh()
    apply(state, mail(1), tick(DROP_MS))
    assert late(state, mail(1), offset=2) == (1, 0, 1)
