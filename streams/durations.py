"""Parses durations and times as people write them: `24h`, `7d`, `90m`, or a time with its offset from UTC."""

import re
from datetime import datetime

MS_PER_UNIT = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_WRITTEN = re.compile(r"(\d{1,9})\s*(ms|[smhdw]?)")
_SPAN = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)


def parse_duration_ms(written: str | int) -> int:
    """Milliseconds of a duration; a bare number is seconds. ValueError if it is not a duration."""
    match = _WRITTEN.fullmatch(str(written).strip().lower())
    if isinstance(written, bool) or match is None:
        raise ValueError(f"{written!r} is not a duration; write a number and s, m, h, d or w, such as 24h")
    number, unit = match.groups()
    return int(number) * MS_PER_UNIT[unit or "s"]


def since_ms(text: str, now_ms: int) -> int:
    """Integer ms since the epoch of a time in RFC 3339, or of a span before now (`30m`, `24h`, `7d`). ValueError if the
    text is neither."""
    if span := _SPAN.fullmatch(text):
        return now_ms - int(span[1]) * MS_PER_UNIT[span[2]]
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs its offset from UTC")
    return int(moment.timestamp() * 1000)
