"""The only module that reads the clock; everything else gets the time as an argument."""

import time
from datetime import UTC, date, datetime


def now_ms() -> int:
    """The current time in integer milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


def today() -> date:
    """The current day, UTC."""
    return datetime.fromtimestamp(now_ms() / 1000, UTC).date()


monotonic = time.monotonic
"""Seconds of a clock that never goes back, only for durations."""
