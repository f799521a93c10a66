"""Windows of event time: integer milliseconds, half-open, all of one length aligned to one anchor.

A hit's window depends on its own time alone, so a finding, its uid and its final count do not depend on the order of
arrival. The anchor is a Monday, so that a window of seven days is a week.
"""

ANCHOR_MS = 4 * 86_400_000
"""Monday 1970-01-05 00:00 UTC."""


def window_start(time_ms: int, length_ms: int) -> int:
    """Where the window [start, start + length) that holds `time_ms` begins, before the anchor too."""
    return time_ms - (time_ms - ANCHOR_MS) % length_ms


def final_time(start_ms: int, length_ms: int, grace_ms: int) -> int:
    """The watermark from which a window's count is said to be final: its end and the grace for late mail."""
    return start_ms + length_ms + grace_ms


def drop_time(final_ms: int, length_ms: int) -> int:
    """The watermark from which a window's state is dropped: until it is final, the next window looks back on it."""
    return final_ms + length_ms
