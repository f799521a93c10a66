"""The candidates for a domain."""

import pytest

from streams.domains.match.finder import MOST_TWO_SLIPS, Finder
from streams.domains.match.index import Index

FINDER = Finder(
    Index(
        [
            "*.mil",
            "army.mil",
            "mod.gov.uk",
            "state.gov",
            "lockheedmartin.com",
            "northfield.com",
            "st\N{LATIN SMALL LETTER A WITH ACUTE}te.gov",
        ]
    )
)


@pytest.mark.parametrize(
    ("domain", "edit", "suffix_edit", "intended"),
    [
        ("lockheedmartn.com", "omission", "same", "lockheedmartin.com"),
        ("mail.lockheedmartn.com", "omission", "same", "mail.lockheedmartin.com"),
        ("1ockheedrnartin.com", "homoglyph", "same", "lockheedmartin.com"),
        ("lovkheedmsrtin.com", "two-slips", "same", "lockheedmartin.com"),
        ("army.ml", "exact", "suffix-omission", "army.mil"),
        ("afrc.ml", "wildcard", "suffix-omission", "afrc.mil"),
        ("aemy.ml", "neighbour-replacement", "suffix-omission", "army.mil"),
        ("lockheedmartin.xom", "exact", "suffix-neighbour", "lockheedmartin.com"),
        ("lockheedmartin.org", "exact", "suffix-family", "lockheedmartin.com"),
        ("mod.co.uk", "exact", "suffix-family", "mod.gov.uk"),
        ("mod.gov.co.uk", "exact", "suffix-inserted", "mod.gov.uk"),
        ("army.mil.biz", "exact", "suffix-appended", "army.mil"),
        ("north.field.com", "extra-dot", "same", "northfield.com"),
        ("mail-lockheedmartin.de", "affix", "suffix-swap", "lockheedmartin.com"),
        ("xyz-lockheedmartin.com", "hyphenated-affix", "same", "lockheedmartin.com"),
        ("mylockheedmartin.com", "affix", "same", "lockheedmartin.com"),
    ],
)
def test_what_is_found(domain: str, edit: str, suffix_edit: str, intended: str) -> None:
    found = {(candidate.edit, candidate.suffix_edit, candidate.intended) for candidate in FINDER.find(domain)}
    assert (edit, suffix_edit, intended) in found


def test_other_scripts_are_read_in_ascii() -> None:
    punycode = "lockh\N{CYRILLIC SMALL LETTER IE}edmartin".encode("idna").decode()
    (candidate, *_) = FINDER.find(f"{punycode}.com")
    assert (candidate.edit, candidate.intended) == ("homoglyph", "lockheedmartin.com")


@pytest.mark.parametrize("domain", ["lockheedmartin.local", "army.internal", "state.localdomain"])
def test_names_within_a_network_are_no_slips(domain: str) -> None:
    assert FINDER.find(domain) == []


def test_names_for_private_use_can_be_watched() -> None:
    (found,) = Finder(Index(["acme.example"])).find("amce.example")
    assert found.intended == "acme.example"


def test_latin_names_under_other_suffixes_are_compared_as_they_are() -> None:
    watched = ["shop.xn--p1ai", "lab.xn--czrw28b.tw"]
    (found,) = Finder(Index(watched)).find("shpo.xn--p1ai")
    assert (found.edit, found.intended) == ("transposition", "shop.xn--p1ai")
    assert Finder(Index(watched)).find("other.xn--czrw28b.tw") == []


@pytest.mark.parametrize("domain", ["com", "gov.uk", "example.org", "xn--99999999.gov", "entirely-different.example"])
def test_what_is_like_nothing_has_no_candidate(domain: str) -> None:
    assert FINDER.find(domain) == []


def test_two_slips_are_looked_for_only_where_nothing_is_nearer() -> None:
    finder = Finder(Index(["lockheedmartin.com", "lockheedmarten.com"]))
    edits = {(candidate.edit, candidate.label) for candidate in finder.find("lockheedmartn.com")}
    assert "two-slips" not in {edit for edit, _ in edits}


def test_at_most_so_many_names_are_two_slips_away() -> None:
    finder = Finder(Index([f"lockheedmartin{letter}.com" for letter in "abcdefghij"]))
    assert len(finder.find("lovkheedmsrtin.com")) <= MOST_TWO_SLIPS
