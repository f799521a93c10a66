"""Mailcheck's way to suggest a domain, for `make bench-scoring`: what web forms do.

    python -m bench.peers.mailcheck WATCHLIST < DOMAINS

Mailcheck (github.com/mailcheck/mailcheck, MIT licence; as released in 1.1.1) suggests the nearest of the given domains
by the sift3 distance, up to a threshold; else the nearest of the given second levels and of the top levels, each up to
its own. Here it is given the watchlist: its domains, and what is before and after the first dot of each. A suggestion
counts where it is a watched name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from bench.peers.watched import typed_domains, watched_names, write_answers
from bench.scoring_data import registrable

DOMAIN = SECOND_LEVEL = TOP_LEVEL = 2.0
"""The thresholds of Mailcheck 1.1.1."""
WINDOW = 5


def sift3(typed: str, name: str, most: float) -> float:
    """The sift3 distance: the mean length, less the characters in common that are found in one pass with a window.

    Any value above `most` where it is more. Source: Siderite Zackwehdex, "Super Fast and Accurate string distance
    algorithm: Sift3" (2007).
    """
    least = min(len(typed), len(name))
    half, common, at, ahead_typed, ahead_name = (len(typed) + len(name)) / 2, 0, 0, 0, 0
    while at + ahead_typed < len(typed) and at + ahead_name < len(name):
        if typed[at + ahead_typed] == name[at + ahead_name]:
            common += 1
        elif half - (common + least - at - 1) > most:  # even if every character to come were in common
            break
        else:
            ahead_typed, ahead_name = _realigned(typed, name, at)
        at += 1
    return half - common


def _realigned(typed: str, name: str, at: int) -> tuple[int, int]:
    """How far ahead in either string the character of the other one comes again, in the window; 0 where it doesn't."""
    for ahead in range(WINDOW):
        if typed[at + ahead : at + ahead + 1] == name[at]:
            return ahead, 0
        if typed[at] == name[at + ahead : at + ahead + 1]:
            return 0, ahead
    return 0, 0


def nearest(typed: str, names: Sequence[str], threshold: float) -> str | None:
    """The first of the nearest names, if it is within the threshold; None for an empty text."""
    if not typed or typed in names:
        return typed or None
    best, least = None, threshold + 0.5  # distances are multiples of a half
    for name in names:
        if (distance := sift3(typed, name, least - 0.5)) < least:
            best, least = name, distance
    return best


class Mailcheck:
    """Suggestions by one watchlist."""

    def __init__(self, domains: list[str]) -> None:
        self._domains = domains
        parts = [name.partition(".") for name in domains]
        self._second, self._top = sorted({part[0] for part in parts}), sorted({part[2] for part in parts})
        self._nearest_second = cache(lambda typed: nearest(typed, self._second, SECOND_LEVEL))
        self._nearest_top = cache(lambda typed: nearest(typed, self._top, TOP_LEVEL))

    def suggest(self, typed: str) -> str | None:
        """The suggestion for a domain; None where there is none."""
        second, dot, top = typed.partition(".")
        if not dot:
            second, top = "", typed
        if second in self._second and top in self._top:
            return None
        if best := nearest(typed, self._domains, DOMAIN):
            return best if best != typed else None
        near_second, near_top = self._nearest_second(second), self._nearest_top(top)
        suggestion = typed.replace(second, near_second or second, 1).replace(top, near_top or top, 1)
        return suggestion if suggestion != typed else None

    def watched(self, typed: str) -> str | None:
        """The suggestion, where it is a watched name."""
        suggestion = self.suggest(registrable(typed))
        return suggestion if suggestion in self._domains else None


_mailcheck: Mailcheck


def _suggest(typed: str) -> str | None:
    return _mailcheck.watched(typed)


def main() -> None:
    global _mailcheck
    _mailcheck, typed = Mailcheck(watched_names(Path(sys.argv[1]))), typed_domains()
    with get_context("fork").Pool(len(os.sched_getaffinity(0))) as pool:
        write_answers(typed, pool.map(_suggest, typed, chunksize=200))


if __name__ == "__main__":
    main()
