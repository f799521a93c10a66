"""The choice among the candidates of one domain: which one was meant, and how likely it is that any was."""

from __future__ import annotations

from math import log, prod
from typing import NamedTuple

from streams.domains.match.candidate import WILDCARD, Candidate
from streams.domains.match.dots import APPENDED, REPEATED
from streams.domains.match.evidence import Ambiguity, Host, is_only_a_slip
from streams.domains.match.finder import Finder
from streams.domains.match.index import Index
from streams.domains.match.model import Model, probability
from streams.domains.slips.suffix import KEYSTROKES, SAME
from streams.domains.suffixes import suffix_rules
from streams.domains.well_known import is_well_known

SLIPPED = KEYSTROKES | {APPENDED, REPEATED}
LEAST = 1e-12
LEAST_NAMED = -4.0
"""From these log-odds on a name that is watched itself is a better guess than any name under a watched suffix."""


class BestCandidate(NamedTuple):
    """The best candidate, the log-odds that the domain is a slip at all, and how many other names could be meant."""

    candidate: Candidate
    log_odds: float
    rivals: int


def weigh(
    domain: str, listed: str | None, candidates: list[Candidate], finder: Finder, model: Model
) -> list[tuple[float, Candidate]]:
    """Each candidate for a canonical name with its own log-odds. `listed` is the result of `well_known_name`."""
    index, rivals = finder.index, count_names(candidates) - 1
    return [
        (model.log_odds(found, ambiguity_of(found, index, rivals, is_listed(domain, listed, found))), found)
        for found in candidates
    ]


def well_known_name(domain: str) -> str | None:
    """The registered name of a canonical name, where it is well known."""
    _, label, suffix = suffix_rules().parts(domain)
    name = f"{label}.{suffix}"
    return name if is_well_known(name) else None


def is_listed(domain: str, listed: str | None, candidate: Candidate) -> bool:
    """Whether the slip of a candidate is in the well-known name `listed` of a domain. That `army.com.com` is below one
    is no evidence, nor is the name that a mistyped host shares with the intended one."""
    if listed is None:
        return False
    slipped = f"{candidate.typed}.{candidate.typed_suffix}"
    if not f".{domain}".endswith(f".{slipped}"):  # the slip is across the dots, or `typed` is in other letters
        slipped = domain
    return slipped == listed and not f".{candidate.intended}".endswith(f".{listed}")


def count_names(candidates: list[Candidate]) -> int:
    """The number of different names among the candidates."""
    return len({(found[3], found[5]) for found in candidates}) if len(candidates) > 1 else len(candidates)


def ambiguity_of(candidate: Candidate, index: Index, rivals: int, well_known: bool) -> Ambiguity:
    """The ambiguity of a candidate that has this number of rivals, for a name that is well known or not."""
    group = index.group(candidate.suffix)
    label = candidate.label
    times_watched = index.times_watched(label)
    known = label in group.known
    return Ambiguity(
        len(group.labels), index.size, times_watched, rivals, group.wild, known, well_known, _host(candidate, index)
    )


def _host(candidate: Candidate, index: Index) -> Host:
    """Whether the intended subdomain is watched by its own name."""
    name = f"{candidate.label}.{candidate.suffix}"
    group = index.hosts.get(name)
    if group is None:
        return None
    host = candidate.sub
    while host:
        if host in group.labels:
            return "watched host"
        host = host.partition(".")[2]
    return None if name in index.roots else "unwatched host"


def choose(weighed: list[tuple[float, Candidate]]) -> BestCandidate:
    """The best of one or more weighed candidates.

    Where the suffix has a slip, any of several names may have been meant, so their odds are combined. Where that suffix
    is watched as a whole, only the slip in it counts, and a name that is watched or known itself is the better guess.
    """
    odds, best = max(weighed)
    if len(weighed) == 1:
        return BestCandidate(best, odds, 0)
    rivals = len({(candidate.label, candidate.suffix) for _, candidate in weighed}) - 1
    whole = [own for own, candidate in weighed if candidate.edit == WILDCARD and candidate.suffix_edit in SLIPPED]
    if whole and best.suffix_edit in SLIPPED:
        named = [(own, candidate) for own, candidate in weighed if candidate.edit != WILDCARD and own > LEAST_NAMED]
        return BestCandidate(max(named)[1] if named else best, max(whole), rivals)
    slipped = [own for own, candidate in weighed if candidate is not best and _only_a_slip(candidate)]
    return BestCandidate(best, _any_of([odds, *slipped]), rivals)


def _only_a_slip(candidate: Candidate) -> bool:
    return candidate.suffix_edit != SAME and is_only_a_slip(candidate.suffix_edit, candidate.typed_suffix)


def _any_of(log_odds: list[float]) -> float:
    """The log-odds that one of several guesses is right. Only one can be, so their chances add up; as these are
    estimates, at least half of the doubt remains that they would leave if each could be right by itself."""
    if len(log_odds) == 1:
        return log_odds[0]
    chances = [probability(own) for own in log_odds]
    some = 1 - max(1 - sum(chances), prod(1 - chance for chance in chances) / 2, LEAST)
    return max(log(some / (1 - some)), log_odds[0]) if some > LEAST else log_odds[0]
