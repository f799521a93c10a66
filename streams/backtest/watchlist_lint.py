"""What is doubtful in a watchlist that can be read: entries that do nothing, or not what was meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.suffixes import suffix_rules
from streams.domains.watchlist.watchlist import Allowed, Watchlist, nearest

COMPARED = 300
"""Lists of more entries aren't compared with themselves: it takes a scorer for each of them."""


class Remark(NamedTuple):
    """One doubtful entry. `remedy` says what to do."""

    entry: str
    what: str
    remedy: str


def remarks(watchlist: Watchlist, settings: ScorerSettings, today: date) -> Iterator[Remark]:
    """All of them."""
    yield from _watched(watchlist, settings)
    for allowed in watchlist.allowed.values():
        yield from _allowed(allowed, watchlist, today)
    for entry in watchlist.expired:
        yield Remark(entry.domain, f"it is no longer allowed since {entry.until}", "renew it, or take it out")
    yield from _mistakes(watchlist)
    used = set(watchlist.watched.values())
    for name in watchlist.groups:
        if name not in used:
            yield Remark(name, "no watched entry is in this group", "use it, or take it out")


def _watched(watchlist: Watchlist, settings: ScorerSettings) -> Iterator[Remark]:
    for entry, group in watchlist.watched.items():
        others = {other for other in watchlist.watched if other != entry}
        above = nearest(entry.removeprefix("*."), others)
        is_name = not entry.startswith("*.")
        if above is not None and watchlist.watched[above] == group and not (is_name and above.startswith("*.")):
            yield Remark(entry, f"{above} covers it already", "take it out")  # a name under a wildcard helps to mend
        if is_name and suffix_rules().exists(entry):
            yield Remark(entry, "it is a public suffix, not somebody's domain", f"write '*.{entry}'")
    for entry in watchlist.watched if len(watchlist.watched) <= COMPARED else ():
        if not entry.startswith("*."):
            without = {other: group for other, group in watchlist.watched.items() if other != entry}
            verdict = Scorer(Watchlist(without, {}, {}, {}), settings).score(entry)
            if verdict.typo and verdict.intended in without:
                yield Remark(entry, f"it may be a slip for {verdict.intended}, which is watched too", "look at both")


def _allowed(entry: Allowed, watchlist: Watchlist, today: date) -> Iterator[Remark]:
    if watchlist.is_watched(entry.domain.removeprefix("*.")):
        yield Remark(entry.domain, "it is watched, so it is no typo anyway", "take it out of one of the two")
    if entry.domain in watchlist.mistakes:
        yield Remark(entry.domain, "it is listed as a mistake too, and allowed wins", "take it out of one of the two")
    if entry.until is None and entry.reason is None:
        yield Remark(entry.domain, "nobody says why it is allowed, or until when", "give it a reason or an until")
    elif entry in watchlist.expiring(today):
        yield Remark(entry.domain, f"it is allowed until {entry.until} only", "renew it if it is right")


def _mistakes(watchlist: Watchlist) -> Iterator[Remark]:
    for mistake, intended in watchlist.mistakes.items():
        if not watchlist.is_watched(intended):
            yield Remark(mistake, f"it is a mistake for {intended}, which is not watched", f"watch {intended}")
        if mistake == intended:
            yield Remark(mistake, "it is a mistake for itself", "take it out")
