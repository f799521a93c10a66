"""Which findings have grown, and when they are due, by the time of the watermark messages."""

import pytest

from streams.events.hit import Tick
from streams.findings.freshness import ROUND_MS, ElapsedTime, Freshness
from tests.findings.samples import HOUR_MS, MONDAY_MS

MINUTE_MS = 60_000


def elapsed(*marks: dict[str, int]) -> int:
    time = ElapsedTime()
    for each in marks:
        time.update(Tick({partition: MONDAY_MS + ms for partition, ms in each.items()}, 2))
    return time.ms


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], 0),
        ([{"0": 5}], 0),
        ([{"0": 0}, {"0": 7}, {"0": 9}], 9),
        ([{"0": 0}, {"0": 7}, {"0": 3}], 7),
        ([{"0": 0, "1": 0}, {"0": 5}, {"0": 8, "1": 3}], 8),  # partition 1 stands still
        ([{"0": 0}, {"1": HOUR_MS}, {"0": 5, "1": HOUR_MS + 5}], 5),  # partition 1 is an hour ahead of it
    ],
)
def test_the_partition_that_advanced_furthest_counts(marks: list[dict[str, int]], expected: int) -> None:
    assert elapsed(*marks) == expected


def test_a_partition_that_jumped_ahead_stops_the_time_for_no_longer_than_a_round() -> None:
    jump = [{"0": 0, "1": 0}, {"1": 5 * MINUTE_MS}]
    after = [{"0": ms, "1": 5 * MINUTE_MS} for ms in range(0, 3 * MINUTE_MS, 5_000)]
    assert elapsed(*jump, *after) >= 5 * MINUTE_MS + 3 * MINUTE_MS - 5_000 - ROUND_MS


def test_partitions_that_advance_in_turn_count_once() -> None:
    turns = [{str(ms // 2_500 % 2): ms} for ms in range(0, HOUR_MS, 2_500)]
    assert HOUR_MS - 5_000 <= elapsed(*turns) <= 1.05 * HOUR_MS


def tick(ms: int) -> Tick:
    return Tick({"0": MONDAY_MS + ms}, 1)


def taken(freshness: Freshness) -> list[bytes]:
    found = []
    while (key := freshness.take()) is not None:
        found.append(key)
    return found


def test_a_finding_is_due_when_its_time_has_passed() -> None:
    freshness = Freshness()
    freshness.update(tick(0))
    freshness.grew(b"a", 10)
    freshness.update(tick(9))
    freshness.grew(b"b", 19)
    assert (freshness.is_due(), taken(freshness)) == (False, [])
    freshness.update(tick(10))
    assert (freshness.is_due(), taken(freshness)) == (True, [b"a"])
    freshness.update(tick(19))
    assert taken(freshness) == [b"b"]
    freshness.update(tick(99))
    assert taken(freshness) == []


def test_growth_may_bring_a_finding_forward_but_never_puts_it_off() -> None:
    freshness = Freshness()
    freshness.update(tick(0))
    freshness.grew(b"a", 100)
    freshness.grew(b"a", 10)
    freshness.update(tick(5))
    freshness.grew(b"a", 15)
    freshness.update(tick(10))
    assert (freshness.elapsed_ms, taken(freshness)) == (10, [b"a"])
    freshness.grew(b"a", 210)
    freshness.update(tick(100))
    assert taken(freshness) == []
    freshness.update(tick(210))
    assert taken(freshness) == [b"a"]


def test_a_published_finding_is_not_due() -> None:
    freshness = Freshness()
    freshness.grew(b"a", 10)
    freshness.published(b"a")
    freshness.published(b"b")
    for ms in (0, 10):
        freshness.update(tick(ms))
    assert taken(freshness) == []
