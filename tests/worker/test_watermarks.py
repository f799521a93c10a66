"""Event-time watermarks of source partitions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.worker.watermarks import LATENESS_MS, SourceProgress, watermark_ms

NOW_MS = 1_800_000_000_000


@pytest.mark.parametrize(
    ("newest_ms", "at_end", "by_clock", "expected"),
    [
        (NOW_MS - 60_000, False, True, NOW_MS - 60_000 - LATENESS_MS),
        (NOW_MS - 60_000, True, True, NOW_MS - LATENESS_MS),
        (None, True, True, NOW_MS - LATENESS_MS),
        (None, False, True, None),
        (NOW_MS - 9_000_000, True, False, NOW_MS - 9_000_000 - LATENESS_MS),
        (None, True, False, None),
        (NOW_MS + 60_000, True, True, NOW_MS - LATENESS_MS),
        (NOW_MS - 9_000_000, False, False, NOW_MS - 9_000_000 - LATENESS_MS),
        (0, False, True, -LATENESS_MS),
    ],
)
def test_watermark(newest_ms: int | None, at_end: bool, by_clock: bool, expected: int | None) -> None:
    assert watermark_ms(newest_ms, at_end=at_end, now_ms=NOW_MS, by_clock=by_clock) == expected


def test_mail_may_come_five_minutes_late() -> None:
    assert watermark_ms(NOW_MS, at_end=False, now_ms=NOW_MS, by_clock=True) == NOW_MS - 5 * 60_000


@given(st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(-(10**15), 10**15))))
def test_each_partition_has_its_own_progress(batches: list[tuple[int, int | None]]) -> None:
    progress = SourceProgress()
    for partition, newest_ms in batches:
        progress.advance(partition, newest_ms)
    for partition in range(4):
        times = [newest_ms for of, newest_ms in batches if of == partition and newest_ms is not None]
        assert progress.newest_ms.get(partition) == max(times, default=None)


def test_the_newest_time_never_goes_back() -> None:
    progress = SourceProgress()
    progress.advance(3, 500)
    progress.advance(3, 400)
    progress.advance(3, None)
    assert progress.newest_ms == {3: 500}


def test_after_a_rebalance_the_event_times_are_those_that_were_committed() -> None:
    progress = SourceProgress({3: 500, 4: 900})
    progress.restart({3: 450})
    assert progress.newest_ms == {3: 450}
    progress.advance(3, 400)
    assert progress.newest_ms == {3: 450}
