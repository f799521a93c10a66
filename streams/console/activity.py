"""Hits per hour, for the charts: by slip, by mistaken domain and by sender, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from sys import intern
from typing import Any, NamedTuple

from streams.events.hit import TypoHit
from streams.events.safe_text import clean

HOUR_MS = 3_600_000
HOURS = 7 * 24
SHORTEST = 24
"""Hours that are shown at least, empty ones too, where no time is asked for."""
NAMES_AN_HOUR = 400
"""Distinct names that are counted in an hour; further mails are counted only by slip, and in no filter."""
TOP = 6


class MailName(NamedTuple):
    """What the charts tell mails apart by. Texts are cleaned; domain, intended domain and sender are empty beyond
    NAMES_AN_HOUR."""

    slip: str
    domain: str = ""
    intended: str = ""
    sender: str = ""


class Activity:
    """Counts the mails of the last seven days, by event time."""

    def __init__(self) -> None:
        self._hours: dict[int, Counter[MailName]] = {}

    def count(self, hit: TypoHit) -> None:
        """Count one mail with a mistaken domain."""
        start = hit.time // HOUR_MS
        hour = self._hours.get(start)
        if hour is None:
            hour = self._hours[start] = Counter()
            self._drop_old()
        name = MailName(*(intern(clean(text)) for text in (hit.slip, hit.domain, hit.intended, hit.sender)))
        hour[name if name in hour or len(hour) < NAMES_AN_HOUR else MailName(name.slip)] += 1

    def charts(
        self, now_ms: int, since_ms: int, until_ms: int = 0, accepts: Callable[[MailName, int], bool] | None = None
    ) -> dict[str, Any]:
        """The charts' data from one time to another (0: all), for at most seven days; where all mail is old, for its
        last days. `accepts` says whether the mails of a name count in the hour that begins at a time (ms)."""
        first, end = self._hours_shown(now_ms, since_ms, until_ms)
        total: Counter[MailName] = Counter()
        hours = []
        for start in sorted(each for each in self._hours if first <= each <= end):
            names = {
                name: count
                for name, count in self._hours[start].items()
                if accepts is None or accepts(name, start * HOUR_MS)
            }
            if names:
                total.update(names)
                slips: Counter[str] = Counter()
                for name, count in names.items():
                    slips[name.slip] += count
                hours.append({"start_ms": start * HOUR_MS, "slips": dict(slips)})
        return {"start_ms": first * HOUR_MS, "end_ms": (end + 1) * HOUR_MS, "hours": hours, **_rankings(total)}

    def _hours_shown(self, now_ms: int, since_ms: int, until_ms: int) -> tuple[int, int]:
        """The first and the last hour of the charts."""
        last = max(self._hours, default=now_ms // HOUR_MS)
        end = last if last < now_ms // HOUR_MS - HOURS else max(last, now_ms // HOUR_MS)
        if until_ms:
            end = min(end, (until_ms - 1) // HOUR_MS)
        oldest = min(min(self._hours, default=end), end - SHORTEST + 1)
        return max(end - HOURS + 1, oldest if not since_ms else min(since_ms // HOUR_MS, end)), end

    def _drop_old(self) -> None:
        oldest = max(self._hours) - HOURS
        for start in [start for start in self._hours if start <= oldest]:
            del self._hours[start]


def _rankings(total: Counter[MailName]) -> dict[str, Any]:
    """The number of mails, and the most frequent slips, mistaken domains and senders."""
    slips: Counter[str] = Counter()
    domains: Counter[tuple[str, str]] = Counter()
    senders: Counter[str] = Counter()
    for name, count in total.items():
        slips[name.slip] += count
        if name.domain:
            domains[name.domain, name.intended] += count
            senders[name.sender] += count
    return {
        "total": slips.total(),
        "slips": [{"slip": slip, "count": count} for slip, count in slips.most_common()],
        "domains": [
            {"domain": domain, "intended": intended, "count": count}
            for (domain, intended), count in domains.most_common(TOP)
        ],
        "senders": [{"sender": sender, "count": count} for sender, count in senders.most_common(TOP)],
    }
