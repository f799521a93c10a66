"""Scorers over small watchlists, for the tests."""

from __future__ import annotations

from streams.domains.scorer import Scorer
from streams.domains.thresholds import PlainThresholds
from streams.domains.watchlist.watchlist import Allowed, Watchlist


def scorer_of(
    *watched: str,
    allowed: tuple[str, ...] = (),
    mistakes: dict[str, str] | None = None,
    policy: PlainThresholds | None = None,
) -> Scorer:
    entries = {name: Allowed(name) for name in allowed}
    watchlist = Watchlist(dict.fromkeys(watched), entries, mistakes or {}, {})
    return Scorer(watchlist, policy or PlainThresholds())
