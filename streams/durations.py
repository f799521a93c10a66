"""Durations as people write them: `24h`, `7d`, `90m`, or a number of seconds."""

import re

MS_PER_UNIT = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
_WRITTEN = re.compile(r"(\d{1,9})\s*([smhdw]?)")


def parse_duration_ms(written: str | int) -> int:
    """Milliseconds of a written duration; a bare number counts seconds. ValueError where it is none."""
    match = _WRITTEN.fullmatch(str(written).strip().lower())
    if isinstance(written, bool) or match is None:
        raise ValueError(f"{written!r} is no duration; write a number and s, m, h, d or w, such as 24h")
    number, unit = match.groups()
    return int(number) * MS_PER_UNIT[unit or "s"]
