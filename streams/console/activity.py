"""Hits per hour, for the charts: by slip, by mistaken domain and by sender, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from streams.events.hit import TypoHit

Name = TypeVar("Name")
HOUR_MS = 3_600_000
HOURS = 7 * 24
SHORTEST = 24
"""Hours that are shown at least, empty ones too, where no time is asked for."""
NAMES_AN_HOUR = 300
"""Distinct domains, and senders, that are counted in an hour; further ones are counted only by slip."""
TOP = 6


@dataclass(slots=True)
class _Hour:
    slips: Counter[str] = field(default_factory=Counter)
    domains: Counter[tuple[str, str]] = field(default_factory=Counter)
    senders: Counter[str] = field(default_factory=Counter)


class Activity:
    """Counts the mails of the last seven days, by event time."""

    def __init__(self) -> None:
        self._hours: dict[int, _Hour] = {}

    def count(self, hit: TypoHit) -> None:
        """Count one mail with a mistaken domain."""
        start = hit.time // HOUR_MS
        hour = self._hours.get(start)
        if hour is None:
            hour = self._hours[start] = _Hour()
            self._drop_old()
        hour.slips[hit.slip] += 1
        _count(hour.domains, (hit.domain, hit.intended))
        _count(hour.senders, hit.sender)

    def charts(self, now_ms: int, since_ms: int) -> dict[str, Any]:
        """The charts' data since a time (0: all), for at most seven days; where all mail is old, for its last days."""
        last = max(self._hours, default=now_ms // HOUR_MS)
        end = last if last < now_ms // HOUR_MS - HOURS else max(last, now_ms // HOUR_MS)
        oldest = min(min(self._hours, default=end), end - SHORTEST + 1)
        first = max(end - HOURS + 1, oldest if not since_ms else min(since_ms // HOUR_MS, end))
        chosen = {start: hour for start, hour in self._hours.items() if first <= start <= end}
        slips = _sum(hour.slips for hour in chosen.values())
        domains = _sum(hour.domains for hour in chosen.values())
        senders = _sum(hour.senders for hour in chosen.values())
        return {
            "start_ms": first * HOUR_MS,
            "end_ms": (end + 1) * HOUR_MS,
            "hours": [
                {"start_ms": start * HOUR_MS, "slips": dict(hour.slips)} for start, hour in sorted(chosen.items())
            ],
            "total": slips.total(),
            "slips": [{"slip": slip, "count": count} for slip, count in slips.most_common()],
            "domains": [
                {"domain": domain, "intended": intended, "count": count}
                for (domain, intended), count in domains.most_common(TOP)
            ],
            "senders": [{"sender": sender, "count": count} for sender, count in senders.most_common(TOP)],
        }

    def _drop_old(self) -> None:
        oldest = max(self._hours) - HOURS
        for start in [start for start in self._hours if start <= oldest]:
            del self._hours[start]


def _count(counter: Counter[Name], name: Name) -> None:
    if name in counter or len(counter) < NAMES_AN_HOUR:
        counter[name] += 1


def _sum(counters: Iterable[Counter[Name]]) -> Counter[Name]:
    total: Counter[Name] = Counter()
    for counter in counters:
        total.update(counter)
    return total
