"""The watchlist: the domains that mail is meant for, those that are never typos, and the known mistakes."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from streams.severity import Severity


@dataclass(frozen=True, slots=True)
class Group:
    """What a group of watched domains adds to its findings: a minimum severity, whom to call, what to read; and the
    highest severity that the number of mails can give them."""

    severity: Severity | None = None
    owner: str | None = None
    runbook_url: str | None = None
    at_most: Severity | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """A real domain of others, never a typo, nor is any name under it. In force up to and including the day `until`, or
    for ever."""

    domain: str
    reason: str | None = None
    owner: str | None = None
    until: date | None = None

    def expired(self, today: date) -> bool:
        """Whether the last day of the entry is before `today`."""
        return self.until is not None and self.until < today


@dataclass(frozen=True, slots=True)
class Watchlist:
    """Watched, allowed and mistaken domains. Names are canonical, and an entry covers the names under it too; `*.mil`
    is every name under `mil`.

    `watched` maps an entry to its group; `allowed` has the entries in force, `expired` the others; `mistakes` maps a
    known mistaken domain to the intended one.
    """

    watched: Mapping[str, str | None]
    allowed: Mapping[str, Allowed]
    mistakes: Mapping[str, str]
    groups: Mapping[str, Group]
    expired: tuple[Allowed, ...] = ()

    def is_watched(self, domain: str) -> bool:
        """Whether a watched entry covers the domain, and no listed mistake covers it more specifically."""
        watched = nearest(domain, self.watched)
        if watched is None:
            return False
        mistake = nearest(domain, self.mistakes)
        return mistake is None or len(mistake) < len(watched.removeprefix("*."))

    def is_allowed(self, domain: str) -> bool:
        """Whether an allowed entry in force covers the domain."""
        return nearest(domain, self.allowed) is not None

    def is_listed(self, domain: str) -> bool:
        """Whether the domain, or one above it, is listed as a known mistake."""
        return nearest(domain, self.mistakes) is not None

    def group_of(self, intended: str) -> str | None:
        """The group of the most specific watched entry that covers the intended domain."""
        entry = nearest(intended, self.watched)
        return None if entry is None else self.watched[entry]

    def expiring(self, today: date, days: int = 14) -> list[Allowed]:
        """The entries in force that will have expired in `days` days."""
        return [entry for entry in self.allowed.values() if entry.expired(today + timedelta(days=days))]


def nearest(domain: str, entries: Container[str]) -> str | None:
    """The most specific entry that covers a domain: the domain itself, one above it, or a wildcard."""
    if domain in entries:
        return domain
    _, dot, rest = domain.partition(".")
    while dot:
        if rest in entries:
            return rest
        if (wild := f"*.{rest}") in entries:
            return wild
        _, dot, rest = rest.partition(".")
    return None
