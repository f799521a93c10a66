"""Windows are half-open, of one length, and begin on a Monday."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.findings.windows import ANCHOR_MS, drop_time, final_time, window_start

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("time", "length_ms", "start"),
    [
        ("1970-01-05T00:00:00", DAY_MS, "1970-01-05T00:00:00"),
        ("1970-01-04T23:59:59.999", DAY_MS, "1970-01-04T00:00:00"),
        ("1969-12-31T12:00:00", 7 * DAY_MS, "1969-12-29T00:00:00"),
        ("2026-07-01T00:00:00", DAY_MS, "2026-07-01T00:00:00"),
        ("2026-07-01T23:59:59.999", DAY_MS, "2026-07-01T00:00:00"),
        ("2026-07-01T12:00:00", 7 * DAY_MS, "2026-06-29T00:00:00"),
        ("2026-07-05T23:59:59.999", 7 * DAY_MS, "2026-06-29T00:00:00"),
        ("2026-07-06T00:00:00", 7 * DAY_MS, "2026-07-06T00:00:00"),
        ("2026-07-01T01:29:59.999", 90 * 60_000, "2026-07-01T00:00:00"),
        ("2026-07-01T01:30:00", 90 * 60_000, "2026-07-01T01:30:00"),
    ],
)
def test_where_a_window_starts(time: str, length_ms: int, start: str) -> None:
    assert window_start(ms(time), length_ms) == ms(start)


@given(st.integers(-(2**50), 2**50), st.integers(60_000, 400 * DAY_MS))
def test_every_time_is_in_one_window(time_ms: int, length_ms: int) -> None:
    start_ms = window_start(time_ms, length_ms)
    assert start_ms <= time_ms < start_ms + length_ms
    assert (start_ms - ANCHOR_MS) % length_ms == 0
    assert window_start(start_ms, length_ms) == start_ms
    assert window_start(start_ms + length_ms, length_ms) == start_ms + length_ms


def test_a_window_is_dropped_when_the_next_one_is_final() -> None:
    final_ms = final_time(ANCHOR_MS, DAY_MS, grace_ms=HOUR_MS)
    assert final_ms == ANCHOR_MS + DAY_MS + HOUR_MS
    assert drop_time(final_ms, DAY_MS) == final_time(ANCHOR_MS + DAY_MS, DAY_MS, grace_ms=HOUR_MS)
