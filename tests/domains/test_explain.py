"""The name of a slip, and the sentence about it."""

import pytest

from streams.domains.explain import NAME, SUFFIX, explain, slip_name
from streams.domains.match.candidate import Candidate
from streams.domains.match.index import SuffixGroup
from streams.domains.verdict import SLIPS

MIL = SuffixGroup("mil", {"army", "navy"}, wild=False)
ONE = SuffixGroup("mil", {"army"}, wild=False)
EVERY = SuffixGroup("mil", {"army"}, wild=True)


@pytest.mark.parametrize(
    ("edit", "suffix_edit", "name"),
    [
        ("exact", "suffix-omission", "suffix-omission"),
        ("wildcard", "suffix-swap", "suffix-swap"),
        ("transposition", "same", "transposition"),
        ("homoglyph", "same", "homoglyph"),
        ("transposition", "suffix-omission", "name-and-suffix"),
        ("two-slips", "suffix-omission", "name-and-suffix"),
        ("missing-dot", "suffix-appended", "missing-dot"),
        ("affix", "suffix-swap", "affix"),
        ("hyphenated-affix", "suffix-swap", "hyphenated-affix"),
        ("wildcard-hyphen", "suffix-appended", "wildcard-hyphen"),
    ],
)
def test_the_name_of_a_slip(edit: str, suffix_edit: str, name: str) -> None:
    assert slip_name(Candidate(edit, suffix_edit, "a", "b", "c", "d", "")) == name
    assert name in SLIPS


def test_every_slip_that_a_verdict_may_have_has_its_words() -> None:
    assert {*NAME, *SUFFIX, "listed", "name-and-suffix"} == set(SLIPS)


@pytest.mark.parametrize(
    ("candidate", "group", "rivals", "sentence"),
    [
        (
            Candidate("exact", "suffix-omission", "army", "army", "ml", "mil", ""),
            MIL,
            0,
            "x: the suffix .mil lost its i; 2 watched domains end in .mil",
        ),
        (
            Candidate("exact", "suffix-omission", "army", "army", "ml", "mil", ""),
            ONE,
            0,
            "x: the suffix .mil lost its i; 1 watched domain ends in .mil",
        ),
        (
            Candidate("wildcard", "suffix-omission", "af", "af", "ml", "mil", ""),
            EVERY,
            0,
            "x: the suffix .mil lost its i; every name under .mil is watched",
        ),
        (
            Candidate("exact", "suffix-lost", "army", "army", "", "mil", ""),
            MIL,
            0,
            "x: the suffix .mil is missing; 2 watched domains end in .mil",
        ),
        (
            Candidate("homoglyph", "same", "arrny", "army", "mil", "mil", ""),
            MIL,
            0,
            "x: arrny reads like army",
        ),
        (
            Candidate("spelling", "same", "navy-defense", "navy-defence", "mil", "mil", ""),
            MIL,
            0,
            "x: navy-defense is navy-defence in another spelling",
        ),
        (
            Candidate("exact", "suffix-appended", "army", "army", "mil.co", "mil", ""),
            MIL,
            0,
            "x: the suffix .co follows the whole name; 2 watched domains end in .mil",
        ),
        (
            Candidate("neighbour-replacement", "same", "aemy", "army", "mil", "mil", ""),
            MIL,
            0,
            "x: the r of army became e, a key beside it",
        ),
        (
            Candidate("transposition", "same", "amry", "army", "mil", "mil", ""),
            MIL,
            1,
            "x: two letters of army changed places, r and m; 1 other watched domain is near too",
        ),
        (
            Candidate("transposition", "same", "amry", "army", "mil", "mil", ""),
            MIL,
            2,
            "x: two letters of army changed places, r and m; 2 other watched domains are near too",
        ),
        (
            Candidate("omission", "suffix-omission", "amy", "army", "ml", "mil", ""),
            MIL,
            0,
            "x: army lost its r and the suffix .mil lost its i; 2 watched domains end in .mil",
        ),
    ],
)
def test_the_sentence_names_what_went_wrong_and_how_much_else_is_near(
    candidate: Candidate, group: SuffixGroup, rivals: int, sentence: str
) -> None:
    assert explain("x", candidate, group, rivals) == sentence


def test_letters_beyond_a_to_z_are_told_where_the_words_do_not_show_them() -> None:
    candidate = Candidate("omission", "same", "amy", "army", "mil", "mil", "")
    assert "it has letters beyond a to z" in explain("xn--amy-xyz.mil", candidate, MIL, 0)
    assert "beyond" not in explain("xn--a.amy.mil", candidate, MIL, 0)
    assert "beyond" not in explain("xn--army-1.mil", candidate._replace(edit="homoglyph"), MIL, 0)


@pytest.mark.parametrize(
    ("domain", "candidate", "words"),
    [
        (
            "xn--pple-43d.com",
            Candidate("homoglyph", "same", "apple", "apple", "com", "com", ""),
            "\N{CYRILLIC SMALL LETTER A}pple reads like apple",
        ),
        (
            "mail.xn--pple-43d.com",
            Candidate("homoglyph", "same", "apple", "apple", "com", "com", "mail"),
            "\N{CYRILLIC SMALL LETTER A}pple reads like apple",
        ),
        (
            "xn--e1afmkfd.xn--p1ag",
            Candidate("exact", "suffix-swap", "xn--e1afmkfd", "xn--e1afmkfd", "py", "xn--p1ai", ""),
            "the suffix .\N{CYRILLIC SMALL LETTER ER}\N{CYRILLIC SMALL LETTER EF} became ."
            "\N{CYRILLIC SMALL LETTER ER}\N{CYRILLIC SMALL LETTER U}",
        ),
        (
            "xn--pple-43d.xn--mgbaakc7dvf",  # an Arabic suffix is not shown: it could turn the sentence around
            Candidate("exact", "suffix-swap", "apple", "apple", "xn--mgbaakc7dvf", "com", ""),
            "the suffix .com became .xn--mgbaakc7dvf",
        ),
    ],
)
def test_what_was_typed_is_shown_in_its_own_letters(domain: str, candidate: Candidate, words: str) -> None:
    group = SuffixGroup(candidate.suffix, {candidate.label}, wild=False)
    assert explain(domain, candidate, group, 0).startswith(f"{domain}: {words}")
