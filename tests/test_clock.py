"""The clock."""

import time
from datetime import UTC, date, datetime

import pytest

from streams import clock


def test_the_present_time_is_in_whole_milliseconds() -> None:
    before = time.time()
    now_ms = clock.now_ms()
    assert isinstance(now_ms, int)
    assert int(before * 1000) <= now_ms <= time.time() * 1000 + 1


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-03-01T00:00:00+00:00", date(2026, 3, 1)),
        ("2026-02-28T23:59:59.999+00:00", date(2026, 2, 28)),
        ("2026-03-01T00:30:00+01:00", date(2026, 2, 28)),
    ],
)
def test_the_day_is_that_of_utc(monkeypatch: pytest.MonkeyPatch, now: str, day: date) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: int(datetime.fromisoformat(now).timestamp() * 1000) * 1_000_000)
    assert clock.today() == day
    assert datetime.fromtimestamp(clock.now_ms() / 1000, UTC).date() == day
