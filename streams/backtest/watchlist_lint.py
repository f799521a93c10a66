"""Lints a valid watchlist: finds entries that have no effect, or not the intended one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.suffixes import suffix_rules
from streams.domains.watchlist.default_groups import DEFAULT_GROUPS
from streams.domains.watchlist.watchlist import Allowed, Watchlist, nearest

MAX_COMPARED = 300
"""Longer lists aren't checked for entries that are slips for each other: each entry needs a scorer of its own."""


class Remark(NamedTuple):
    """One doubtful entry: what is wrong with it, and what to do about it."""

    entry: str
    what: str
    remedy: str


def remarks(watchlist: Watchlist, settings: ScorerSettings, today: date) -> Iterator[Remark]:
    """All remarks on a watchlist. `today` decides which entries have expired."""
    yield from _watched(watchlist, settings)
    for allowed in watchlist.allowed.values():
        yield from _allowed(allowed, watchlist, today)
    for entry in watchlist.expired:
        yield Remark(entry.domain, f"it is no longer allowed: its last day was {entry.until}", "renew or remove it")
    yield from _mistakes(watchlist)
    used = set(watchlist.watched.values())
    for name in watchlist.groups:
        if name not in used and name not in DEFAULT_GROUPS:
            yield Remark(name, "no watched entry is in this group", "use or remove it")


def _watched(watchlist: Watchlist, settings: ScorerSettings) -> Iterator[Remark]:
    for entry, group in watchlist.watched.items():
        others = {other for other in watchlist.watched if other != entry}
        above = nearest(entry.removeprefix("*."), others)
        is_name = not entry.startswith("*.")
        if above is not None and watchlist.watched[above] == group and not (is_name and above.startswith("*.")):
            yield Remark(
                entry, f"{above} covers it already", "remove it"
            )  # a name under a wildcard is useful: it can be meant
        if is_name and suffix_rules().exists(entry):
            yield Remark(entry, "it is a public suffix, not somebody's domain", f"write '*.{entry}'")
    for entry in watchlist.watched if len(watchlist.watched) <= MAX_COMPARED else ():
        if not entry.startswith("*."):
            without = {other: group for other, group in watchlist.watched.items() if other != entry}
            verdict = Scorer(Watchlist(without, {}, {}, {}), settings).score(entry)
            if verdict.typo and verdict.intended in without:
                yield Remark(entry, f"it may be a slip for {verdict.intended}, which is watched too", "check both")


def _allowed(entry: Allowed, watchlist: Watchlist, today: date) -> Iterator[Remark]:
    if watchlist.is_watched(entry.domain.removeprefix("*.")):
        yield Remark(
            entry.domain, "it is watched, so it is never a typo anyway", "remove it from `watched` or `allowed`"
        )
    if entry.domain in watchlist.mistakes:
        yield Remark(
            entry.domain,
            "it is also a mistake, over which `allowed` takes precedence",
            "remove it from `allowed` or `mistakes`",
        )
    if entry.until is None and entry.reason is None:
        yield Remark(entry.domain, "it has neither a `reason` nor an `until`", "add one of them")
    elif entry in watchlist.expiring(today):
        yield Remark(entry.domain, f"it is allowed only until {entry.until}", "renew it if it is still needed")


def _mistakes(watchlist: Watchlist) -> Iterator[Remark]:
    for mistake, intended in watchlist.mistakes.items():
        if not watchlist.is_watched(intended):
            yield Remark(mistake, f"it is a mistake for {intended}, which is not watched", f"watch {intended}")
        if mistake == intended:
            yield Remark(mistake, "it is listed as a mistake for itself", "remove it")
