"""The choice among the candidates of one domain: which one was meant, and how likely it is that any was."""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

from streams.domains.match.candidate import WILDCARD, Candidate
from streams.domains.match.dots import APPENDED
from streams.domains.match.evidence import Ambiguity
from streams.domains.match.finder import Finder
from streams.domains.match.index import Index
from streams.domains.match.model import Model
from streams.domains.slips.suffix import KEYSTROKES

SLIPPED = KEYSTROKES | {APPENDED}
LEAST = 1e-12


class BestCandidate(NamedTuple):
    """The best candidate, the log-odds that the domain is a slip at all, and how many other names could be meant."""

    candidate: Candidate
    log_odds: float
    rivals: int


def weigh(candidates: list[Candidate], finder: Finder, model: Model) -> list[tuple[float, Candidate]]:
    """Each candidate with its own log-odds."""
    index, rivals = finder.index, count_names(candidates) - 1
    return [(model.log_odds(found, ambiguity_of(found, index, rivals)), found) for found in candidates]


def count_names(candidates: list[Candidate]) -> int:
    """The number of different names among the candidates."""
    return len({(found[3], found[5]) for found in candidates}) if len(candidates) > 1 else len(candidates)


def ambiguity_of(candidate: Candidate, index: Index, rivals: int) -> Ambiguity:
    """The ambiguity of a candidate that has this number of rivals."""
    group = index.groups[candidate.suffix]
    label = candidate.label
    times_watched = index.times_watched(label)
    return Ambiguity(len(group.labels), index.size, times_watched, rivals, group.wild, label in group.known)


def choose(weighed: list[tuple[float, Candidate]]) -> BestCandidate:
    """The best of one or more weighed candidates.

    Where the suffix has a slip, any of several names may have been meant, so their odds are combined. Where that suffix
    is watched as a whole, only the slip in it counts, and a known name is the better guess.
    """
    odds, best = max(weighed)
    if len(weighed) == 1:
        return BestCandidate(best, odds, 0)
    rivals = len({(candidate.label, candidate.suffix) for _, candidate in weighed}) - 1
    if best.suffix_edit in SLIPPED:
        slipped = [(own, candidate) for own, candidate in weighed if candidate.suffix_edit in SLIPPED]
        whole = [own for own, candidate in slipped if candidate.edit == WILDCARD]
        if whole:
            named = [(own, candidate) for own, candidate in slipped if candidate.edit != WILDCARD]
            return BestCandidate(max(named)[1] if named else best, max(whole), rivals)
    slipped = [(own, candidate) for own, candidate in weighed if candidate.suffix_edit in KEYSTROKES]
    return BestCandidate(best, _any_of([odds, *(own for own, candidate in slipped if candidate is not best)]), rivals)


def _any_of(log_odds: list[float]) -> float:
    """The log-odds that one of several guesses is right."""
    if len(log_odds) == 1:
        return log_odds[0]
    none = 1.0
    for own in log_odds:
        none *= 1 / (1 + exp(min(own, 500)))
    none = max(none, LEAST)
    return max(log((1 - none) / none), log_odds[0])
