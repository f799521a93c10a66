"""The only module that reads the clock; everything else is handed the time as an argument."""

import time


def now_ms() -> int:
    """The present time in integer milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000


monotonic = time.monotonic
"""Seconds on a clock that never goes back, for durations alone."""
