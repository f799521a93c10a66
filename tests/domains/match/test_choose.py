"""The choice among candidates."""

from math import exp, log

import pytest

from streams.domains.match.candidate import Candidate
from streams.domains.match.choose import (
    LEAST_NAMED,
    BestCandidate,
    ambiguity_of,
    choose,
    count_names,
    is_listed,
    weigh,
    well_known_name,
)
from streams.domains.match.evidence import Ambiguity
from streams.domains.match.finder import Finder
from streams.domains.match.index import Index
from streams.domains.match.model import shipped_model

ARMY = Candidate("omission", "same", "amy", "army", "mil", "mil", "")
AMT = Candidate("neighbour-replacement", "same", "amy", "amt", "mil", "mil", "")
SUFFIX = Candidate("exact", "suffix-omission", "army", "army", "ml", "mil", "")
OTHER = Candidate("omission", "suffix-omission", "army", "armey", "ml", "mil", "")
WHOLE = Candidate("wildcard", "suffix-omission", "army", "army", "ml", "mil", "")


@pytest.mark.parametrize(
    ("candidates", "names"), [([], 0), ([ARMY], 1), ([ARMY, AMT], 2), ([ARMY, SUFFIX], 1), ([ARMY, SUFFIX, AMT], 2)]
)
def test_the_same_name_counts_once(candidates: list[Candidate], names: int) -> None:
    assert count_names(candidates) == names


def test_a_lone_candidate_is_the_best() -> None:
    assert choose([(-3.5, ARMY)]) == BestCandidate(ARMY, -3.5, 0)


def test_the_best_of_several_has_its_own_odds_where_the_suffix_is_right() -> None:
    assert choose([(1.0, AMT), (2.0, ARMY)]) == BestCandidate(ARMY, 2.0, 1)


def test_where_the_suffix_has_slipped_any_of_several_may_have_been_meant() -> None:
    best = choose([(0.0, SUFFIX), (0.0, OTHER)])
    assert best.log_odds == pytest.approx(log(7))  # one of two even chances is right, but for half of a quarter
    assert best.rivals == 1
    assert choose([(-2.0, SUFFIX), (-2.0, OTHER)]).log_odds == pytest.approx(log(2 / (1 + exp(2) - 2)))  # both add up


def test_joined_odds_are_finite_and_never_below_those_of_the_best() -> None:
    best = choose([(900.0, SUFFIX), (900.0, OTHER)])
    assert best.log_odds == 900.0
    assert choose([(5.0, SUFFIX), (-900.0, OTHER)]).log_odds >= 5.0


def test_where_the_suffix_is_watched_whole_the_slip_counts_and_a_known_name_is_the_guess() -> None:
    assert choose([(3.0, WHOLE), (1.0, OTHER)]) == BestCandidate(OTHER, 3.0, 1)
    assert choose([(3.0, WHOLE), (1.0, AMT)]).candidate == AMT
    assert choose([(3.0, WHOLE), (LEAST_NAMED - 1, AMT)]).candidate == WHOLE


def test_how_many_other_names_could_have_been_meant() -> None:
    index = Index(["army.mil", "navy.mil", "army.com"])
    assert ambiguity_of(ARMY, index, 2, False) == Ambiguity(2, index.size, 2, 2, wild=False, only_known=False)
    of_known = ambiguity_of(ARMY, Index(["*.mil"]), 0, False)
    assert (of_known.wild, of_known.only_known, of_known.suffixes) == (True, True, 1)


def test_each_candidate_is_weighed_with_the_others_as_rivals() -> None:
    finder, model = Finder(Index(["army.mil", "navy.mil", "amy.mil"])), shipped_model()
    candidates = finder.find("amry.mil")
    assert len(candidates) > 1
    assert weigh("amry.mil", None, candidates, finder, model) == [
        (model.log_odds(found, ambiguity_of(found, finder.index, count_names(candidates) - 1, False)), found)
        for found in candidates
    ]


@pytest.mark.parametrize(
    ("watched", "typed", "host"),
    [
        (["hq.acme.example"], "hq.amce.example", "watched host"),
        (["hq.acme.example"], "lab.hq.amce.example", "watched host"),
        (["hq.acme.example"], "lab.amce.example", "unwatched host"),
        (["hq.acme.example"], "amce.example", "unwatched host"),
        (["hq.acme.example", "acme.example"], "hq.amce.example", "watched host"),
        (["hq.acme.example", "acme.example"], "lab.amce.example", None),
        (["acme.example"], "hq.amce.example", None),
    ],
)
def test_whether_the_intended_subdomain_is_watched(watched: list[str], typed: str, host: str | None) -> None:
    finder = Finder(Index(watched))
    (found,) = finder.find(typed)
    assert ambiguity_of(found, finder.index, 0, False).host == host


def test_a_well_known_name_counts_where_the_slip_is_in_it() -> None:
    assert well_known_name("mail.ring.com") == "ring.com"
    assert well_known_name("a-name-that-nobody-uses.com") is None
    (found,) = Finder(Index(["bing.com"])).find("mail.ring.com")
    assert is_listed("mail.ring.com", "ring.com", found)
    assert not is_listed("mail.ring.com", None, found)
    (appended,) = Finder(Index(["army.com"])).find("army.com.com")
    assert not is_listed("army.com.com", "com.com", appended)
