"""The policy of the findings: the settings, with the groups and the allowed domains of the watchlist."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from streams.domains.stakes import Stakes
from streams.domains.watchlist.default_groups import with_defaults
from streams.domains.watchlist.watchlist import Watchlist
from streams.findings.rules import FindingPolicy
from streams.findings.settings import FindingsSettings

DOMAIN_CACHE_SIZE = 10_000
"""Every hit looks its domain up, and there are few mistaken domains."""


def finding_policy(settings: FindingsSettings, watchlist: Watchlist, own_domains: Iterable[str] = ()) -> FindingPolicy:
    """The policy by which hits are counted as long as this watchlist is in force."""
    return settings.policy(
        with_defaults(watchlist.groups),
        lru_cache(DOMAIN_CACHE_SIZE)(watchlist.is_allowed),
        lru_cache(DOMAIN_CACHE_SIZE)(Stakes(own_domains).class_of),
    )
