"""Timestamps at the beginning of log lines, in the styles of syslogds, journald and the collectors of containers.

`Nov 24 06:40:55` (RFC 3164, which has no year), `Nov 24 2026 06:40:55`, `2026-11-24T06:40:55.123+00:00`,
`2026/11/24 06:40:55`, `Tue 2026-11-24 06:40:55 UTC` (`journalctl -o short-full`), `1795502455.123456` (`short-unix`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

_DAY = rb"(?:[A-Z][a-z]{2},? )?"
_UTC = rb"(?: (?:UTC|GMT|Z)(?![^ :]))?"
_BSD = rb"%b[A-Z][a-z]{2} (?: ?\d|\d\d)(?: \d{4})? \d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: (?:19|20)\d\d(?![^ :]))?%b" % (
    _DAY,
    _UTC,
)
_ISO = rb"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d)(?![^ :])|%b)" % _UTC
_SHORT_FULL = rb"[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? [A-Z]{1,5}"
STAMP = rb"(?:%b|%b|%b|\d{9,10}\.\d{1,9})" % (_BSD, _ISO, _SHORT_FULL)
"""Matches a timestamp of any of these styles."""

MONTHS = {month: number for number, month in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_BSD_PARTS = re.compile(
    rb"%b([A-Z][a-z]{2}) +(\d{1,2})(?: (\d{4}))? (\d\d):(\d\d):(\d\d)(?:[.,](\d++))?(?: (\d{4}))?( [A-Z]++)?" % _DAY
)
_ISO_PARTS = re.compile(
    rb"%b(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d++))?(?: ?(Z|[+-]\d\d:?\d\d|[A-Z]{1,5}))?" % _DAY
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stamp(NamedTuple):
    """The parts of a timestamp. `year` is None where it has none, `zone` where it names no offset that is certain."""

    year: int | None
    month: int
    day: int
    hour: int
    minute: int
    second: int
    ms: int
    zone: tzinfo | None


def read_stamp(stamp: bytes) -> Stamp:
    """The parts of a timestamp. A malformed one raises ValueError or KeyError."""
    if len(stamp) == 15 and stamp[3:4] == b" ":
        time = int(stamp[7:9]), int(stamp[10:12]), int(stamp[13:15])
        return Stamp(None, MONTHS[stamp[:3]], int(stamp[4:6]), *time, 0, None)
    if found := _ISO_PARTS.fullmatch(stamp):
        year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
        return Stamp(year, month, day, hour, minute, second, _ms(found[7]), _zone(found[8] or b""))
    if found := _BSD_PARTS.fullmatch(stamp):
        bsd_year = found[3] or found[8]
        time = int(found[4]), int(found[5]), int(found[6])
        zone = _zone((found[9] or b"").strip())
        return Stamp(int(bsd_year) if bsd_year else None, MONTHS[found[1]], int(found[2]), *time, _ms(found[7]), zone)
    return _of_epoch(stamp)


def _of_epoch(stamp: bytes) -> Stamp:
    seconds, _, fraction = stamp.partition(b".")
    moment = _EPOCH + timedelta(seconds=int(seconds))
    date, time = (moment.year, moment.month, moment.day), (moment.hour, moment.minute, moment.second)
    return Stamp(*date, *time, _ms(fraction), UTC)


def _ms(fraction: bytes | None) -> int:
    return int((fraction or b"").ljust(3, b"0")[:3])


def _zone(name: bytes) -> tzinfo | None:
    """The offset of a zone; None for a name such as CET, which is the time of the machine that wrote the line."""
    if name[:1] in (b"+", b"-"):
        minutes = int(name[1:3]) * 60 + int(name[-2:])
        return timezone(timedelta(minutes=-minutes if name[:1] == b"-" else minutes))
    return UTC if name in (b"Z", b"UTC", b"GMT") else None
