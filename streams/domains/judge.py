"""Judging the candidates of one domain: which one was meant, and how likely it is that one was."""

from __future__ import annotations

from math import exp, log
from typing import NamedTuple

from streams.domains.candidates import Candidate, Finder
from streams.domains.evidence import Crowd
from streams.domains.model import Model
from streams.domains.suffix_slips import KEYSTROKES

LEAST = 1e-12


class Judgement(NamedTuple):
    """The best candidate, the log-odds that the domain is a slip at all, and how many other names could be meant."""

    candidate: Candidate
    log_odds: float
    rivals: int


def weigh(candidates: list[Candidate], finder: Finder, model: Model) -> list[tuple[float, Candidate]]:
    """Each candidate's own log-odds."""
    index = finder.index
    names = {(candidate.label, candidate.suffix) for candidate in candidates}
    weighed = []
    for candidate in candidates:
        group = index.groups[candidate.suffix]
        crowd = Crowd(len(group.labels), index.size, index.times_watched(candidate.label), len(names) - 1)
        weighed.append((model.log_odds(candidate, crowd, group.wild), candidate))
    return weighed


def judge(weighed: list[tuple[float, Candidate]]) -> Judgement:
    """The best of them. Where a suffix has slipped, any of several names may have been meant, so their odds are joined;
    where that suffix is watched whole, the slip in it is enough, and a known name close by is the better guess."""
    odds, best = max(weighed)
    names = {(candidate.label, candidate.suffix) for _, candidate in weighed}
    if len(weighed) > 1:
        slipped = [(own, candidate) for own, candidate in weighed if candidate.suffix_way in KEYSTROKES]
        named = [(own, candidate) for own, candidate in slipped if candidate.way != "wildcard"]
        if best.way == "wildcard" and named:
            return Judgement(max(named)[1], odds, len(names) - 1)
        odds = _any_of([odds, *(own for own, candidate in slipped if candidate is not best)])
    return Judgement(best, odds, len(names) - 1)


def _any_of(log_odds: list[float]) -> float:
    """The log-odds that one of several guesses is right."""
    if len(log_odds) == 1:
        return log_odds[0]
    none = 1.0
    for own in log_odds:
        none *= 1 / (1 + exp(min(own, 500)))
    none = max(none, LEAST)
    return max(log((1 - none) / none), log_odds[0])
