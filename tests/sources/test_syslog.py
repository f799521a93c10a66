"""Timestamps of log lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.syslog import DAY_MS, TIMESTAMP_ERRORS, LogClock


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def clock(modified: str = "2026-11-24T12:00:00Z", *, hours: int = 0, year: int | None = None) -> LogClock:
    made = LogClock(timezone(timedelta(hours=hours)), year)
    made.begin_file(ms(modified))
    return made


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (b"2026-11-24T06:48:49+00:00", "2026-11-24T06:48:49Z"),
        (b"2026-11-24T06:48:49.123456+02:00", "2026-11-24T04:48:49.123Z"),
        (b"2026-11-24 06:48:49", "2026-11-24T04:48:49Z"),
        (b"Nov 24 06:48:49", "2026-11-24T04:48:49Z"),
        (b"Nov  4 06:48:49", "2026-11-04T04:48:49Z"),
        (b"Dec 31 06:48:49", "2025-12-31T04:48:49Z"),
        (b"Nov 24 23:59:60", "2026-11-24T21:59:59Z"),
    ],
)
def test_a_stamp_without_an_offset_is_of_the_zone_and_without_a_year_no_newer_than_its_file(
    stamp: bytes, expected: str
) -> None:
    assert clock(hours=2).ms(stamp) == ms(expected)


def test_the_year_goes_on_from_line_to_line() -> None:
    log = clock("2027-01-02T00:00:00Z")
    assert log.ms(b"Dec 31 23:59:59") == ms("2026-12-31T23:59:59Z")
    assert log.ms(b"Jan  1 00:00:01") == ms("2027-01-01T00:00:01Z")
    assert log.ms(b"Dec 31 23:59:58") == ms("2026-12-31T23:59:58Z")


def test_a_given_year_is_that_of_the_first_line_and_goes_on_in_the_next_file() -> None:
    log = clock("2030-01-01T00:00:00Z", year=2025)
    assert log.ms(b"Dec 31 00:00:00") == ms("2025-12-31T00:00:00Z")
    log.begin_file(ms("2030-01-01T00:00:00Z"))
    assert log.ms(b"Jan  1 00:00:00") == ms("2026-01-01T00:00:00Z")


def test_a_leap_day_is_of_the_last_leap_year() -> None:
    assert clock("2027-06-01T00:00:00Z").ms(b"Feb 29 00:00:00") == ms("2024-02-29T00:00:00Z")


@pytest.mark.parametrize("stamp", [b"Foo 24 06:48:49", b"Nov 31 06:48:49", b"2026-13-24T06:48:49", b"Nov 24 25:00:00"])
def test_what_is_no_time_raises_one_of_the_errors_named(stamp: bytes) -> None:
    with pytest.raises(TIMESTAMP_ERRORS):
        clock().ms(stamp)


@given(st.integers(978_307_200, 3_786_912_000))
def test_a_log_that_was_written_just_now_has_its_year(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    log = LogClock(UTC, None)
    log.begin_file(int(moment.timestamp() * 1000) + DAY_MS // 2)
    assert log.ms(moment.strftime("%b %e %H:%M:%S").encode()) == moment.timestamp() * 1000
