"""Windows of event time: integer milliseconds, half-open, all of one length and aligned to one anchor.

A hit's window depends on the hit's own time alone, so a finding, its uid and its final count are independent of the
order of arrival. The anchor is a Monday, so that a window of seven days is a week.
"""

ANCHOR_MS = 4 * 86_400_000
"""Monday 1970-01-05 00:00 UTC."""


def window_start(time_ms: int, length_ms: int) -> int:
    """The start of the window [start, start + length) that contains `time_ms`, which may lie before the anchor."""
    return time_ms - (time_ms - ANCHOR_MS) % length_ms


def final_time(start_ms: int, length_ms: int, grace_ms: int) -> int:
    """The watermark at which a window becomes final: its end plus the allowed lateness."""
    return start_ms + length_ms + grace_ms


def drop_time(final_ms: int, length_ms: int) -> int:
    """The watermark at which a window's state is dropped: by then the next window is final and no longer needs it."""
    return final_ms + length_ms
