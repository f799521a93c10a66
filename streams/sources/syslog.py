"""The clock of a log: its timestamps as times, with the year and the time zone that they don't name."""

from __future__ import annotations

from calendar import isleap
from datetime import UTC, datetime, timedelta, tzinfo

from streams.sources.stamp import read_stamp

DAY_MS = 86_400_000
TIMESTAMP_ERRORS = (ValueError, KeyError, OverflowError, StopIteration)
"""What `LogClock.ms` raises for a malformed timestamp."""
_EPOCH, _MS = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


class LogClock:
    """Reads the timestamps of one log. The year of an RFC 3164 timestamp is derived from the file's modification time
    and from the lines before."""

    def __init__(self, zone: tzinfo, year: int | None) -> None:
        """`year` is that of the first timestamp without one; None derives it from the file's modification time."""
        self._zone, self._year = zone, year
        self._newest_ms: int | None = None
        self._last: tuple[bytes, int] = (b"", 0)
        self._near_ms: int | None = None

    def begin_file(self, modified_ms: int) -> None:
        """Called before the lines of a file, with its modification time in ms since the epoch."""
        self._newest_ms, self._last = modified_ms, (b"", 0)
        if self._year is None:
            self._near_ms = None

    def ms(self, stamp: bytes) -> int:
        """A timestamp in integer ms since the epoch. A malformed one raises one of TIMESTAMP_ERRORS."""
        if stamp == self._last[0]:
            return self._last[1]
        ms = self._dated(stamp)
        self._last = (stamp, ms)
        return ms

    def _dated(self, stamp: bytes) -> int:
        found = read_stamp(stamp)
        time = found.hour, found.minute, found.second
        if found.year is None:
            return self._without_year(found.month, found.day, time) + found.ms
        return self._at(found.year, found.month, found.day, time, found.zone) + found.ms

    def _without_year(self, month: int, day: int, time: tuple[int, int, int]) -> int:
        if self._near_ms is None:
            self._near_ms = self._first(month, day, time)
            return self._near_ms
        year = datetime.fromtimestamp(self._near_ms / 1000, UTC).year
        near_ms = self._near_ms
        candidates = [self._at(y, month, day, time) for y in (year - 1, year, year + 1) if _is_day(y, month, day)]
        self._near_ms = min(candidates, key=lambda ms: abs(ms - near_ms))
        return self._near_ms

    def _first(self, month: int, day: int, time: tuple[int, int, int]) -> int:
        """The first timestamp, in the latest year that doesn't make it newer than its file; one day of tolerance covers
        clocks and time zones that differ."""
        if self._year is not None:
            return self._at(self._year, month, day, time)
        newest_ms = self._newest_ms if self._newest_ms is not None else 0
        year = datetime.fromtimestamp(newest_ms / 1000, UTC).year
        years = (y for y in range(year + 1, year - 9, -1) if _is_day(y, month, day))
        return next(ms for y in years if (ms := self._at(y, month, day, time)) <= newest_ms + DAY_MS)

    def _at(self, year: int, month: int, day: int, time: tuple[int, int, int], zone: tzinfo | None = None) -> int:
        hour, minute, second = time
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone or self._zone)
        return (moment - _EPOCH) // _MS


def _is_day(year: int, month: int, day: int) -> bool:
    return (month, day) != (2, 29) or isleap(year)
