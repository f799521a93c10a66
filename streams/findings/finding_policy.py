"""What the watchlist adds to the rules: the floor of each group of watched domains, and what is allowed."""

from __future__ import annotations

from functools import lru_cache

from streams.domains.watchlist.watchlist import Watchlist
from streams.findings.rules import FindingPolicy
from streams.findings.settings import FindingsSettings

DOMAINS_REMEMBERED = 10_000
"""Each hit asks whether its domain is allowed, and mistaken domains are few."""


def finding_policy(settings: FindingsSettings, watchlist: Watchlist) -> FindingPolicy:
    """The policy under which hits are counted while this watchlist is in force."""
    return settings.policy(watchlist.groups, lru_cache(DOMAINS_REMEMBERED)(watchlist.is_allowed))
