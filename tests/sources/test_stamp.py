"""Timestamps of log lines in their parts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.stamp import STAMP, read_stamp


@pytest.mark.parametrize(
    ("stamp", "date", "ms", "hours"),
    [
        (b"Nov 24 06:48:49", (None, 11, 24), 0, None),
        (b"Nov  4 06:48:49", (None, 11, 4), 0, None),
        (b"Nov 4 06:48:49.5", (None, 11, 4), 500, None),
        (b"Nov 24 2026 06:48:49", (2026, 11, 24), 0, None),
        (b"Tue Nov 24 06:48:49 2026", (2026, 11, 24), 0, None),
        (b"Nov 24 06:48:49 UTC", (None, 11, 24), 0, 0),
        (b"2026-11-24T06:48:49.123456+02:00", (2026, 11, 24), 123, 2),
        (b"2026-11-24 06:48:49,12 -0500", (2026, 11, 24), 120, -5),
        (b"2026/11/24 06:48:49", (2026, 11, 24), 0, None),
        (b"2026-11-24T06:48:49.123456789Z", (2026, 11, 24), 123, 0),
        (b"Tue 2026-11-24 06:48:49 CET", (2026, 11, 24), 0, None),
        (b"1795502929.007", (2026, 11, 24), 7, 0),
    ],
)
def test_a_timestamp(stamp: bytes, date: tuple[int | None, int, int], ms: int, hours: int | None) -> None:
    assert re.fullmatch(STAMP, stamp)
    found = read_stamp(stamp)
    assert found[:3] == date
    assert found[3:7] == (6, 48, 49, ms)
    assert (None if found.zone is None else found.zone.utcoffset(None)) == (
        None if hours is None else timedelta(hours=hours)
    )


@given(st.binary(max_size=40))
def test_what_is_no_timestamp_raises_one_of_two_errors(noise: bytes) -> None:
    try:
        read_stamp(noise)
    except (ValueError, KeyError):
        assert re.fullmatch(STAMP, noise) is None or noise[:1].isalpha()
