"""Slips across the dots of a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domains.match.candidate import Candidate
from streams.domains.match.dots import Dots
from streams.domains.match.index import Index
from streams.domains.suffixes import suffix_rules

INDEX = Index(["*.mil", "army.mil", "mod.gov.uk", "houston-ak.gov", "lockheedmartin.com"])


def found(domain: str) -> set[tuple[str, str, str]]:
    """Edit, edit of the suffix and intended domain of what is found for a domain."""
    rules = suffix_rules()
    sub, label, suffix = rules.parts(domain)
    candidates: list[Candidate] = []
    Dots(INDEX).add(candidates, domain, sub, label, suffix, rules.exists(suffix))
    return {(candidate.edit, candidate.suffix_edit, candidate.intended) for candidate in candidates}


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("lockheed.martin.com", ("extra-dot", "same", "lockheedmartin.com")),
        ("lockheedmartincom", ("missing-dot", "same", "lockheedmartin.com")),
        ("lockheedmartincom.net", ("missing-dot", "suffix-appended", "lockheedmartin.com")),
        ("lockheed-martin.com", ("hyphen-added", "same", "lockheedmartin.com")),
        ("houstonak.gov", ("hyphen-lost", "same", "houston-ak.gov")),
        ("houston.ak.gov", ("hyphen-to-dot", "same", "houston-ak.gov")),
        ("lockheedmartinc.om", ("moved-dot", "same", "lockheedmartin.com")),
        ("mod-gov-uk.com", ("dot-to-hyphen", "suffix-appended", "mod.gov.uk")),
        ("mail-mod-gov-uk.com", ("dot-to-hyphen", "suffix-appended", "mail.mod.gov.uk")),
        ("mod.gov.uk.com", ("exact", "suffix-appended", "mod.gov.uk")),
        ("mail.army.mil.biz", ("exact", "suffix-appended", "mail.army.mil")),
        ("mod.gov.uk.co.za", ("exact", "suffix-appended", "mod.gov.uk")),
        ("hqarmymil.com", ("missing-dot", "suffix-appended", "hq.army.mil")),
        ("hq.army-mil", ("dot-to-hyphen", "same", "hq.army.mil")),
    ],
)
def test_what_is_found(domain: str, expected: tuple[str, str, str]) -> None:
    assert expected in found(domain)


@pytest.mark.parametrize("domain", ["example.com", "lockheedmartins.com", "mil.example.org", "uk.com"])
def test_nothing_is_found_where_the_letters_are_others(domain: str) -> None:
    assert found(domain) == set()


@given(st.integers(1, 17))
def test_a_dot_anywhere_in_a_name_is_found(place: int) -> None:
    name = "lockheedmartincom"
    domain = f"{name[:place]}.{name[place:]}" if place < len(name) else name
    if domain != "lockheedmartin.com":
        assert "lockheedmartin.com" in {intended for _, _, intended in found(domain)}
