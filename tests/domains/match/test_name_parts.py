"""Slips in the parts of a name."""

import pytest

from streams.domains.match.candidate import Candidate
from streams.domains.match.index import Index
from streams.domains.match.name_parts import NameParts

PARTS = NameParts(Index(["hq.acme.com", "lab.west.acme.com", "acme.com.mx", "northfield.com", "mail.com", "*.mil"]))


def named(found: list[Candidate]) -> set[tuple[str, str, str]]:
    return {(candidate.edit, candidate.suffix_edit, candidate.intended) for candidate in found}


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("northfieldcom", ("missing-dot", "same", "northfield.com")),
        ("acmecommx", ("missing-dot", "same", "acme.com.mx")),
        ("hqacmecom", ("missing-dot", "same", "hq.acme.com")),
        ("labwestacmecom", ("missing-dot", "same", "lab.west.acme.com")),
        ("armymil", ("missing-dot", "same", "army.mil")),
        ("northfield", ("exact", "suffix-lost", "northfield.com")),
    ],
)
def test_names_without_a_dot(domain: str, expected: tuple[str, str, str]) -> None:
    assert expected in named(PARTS.without_dot(domain))


@pytest.mark.parametrize("domain", ["mail", "localhost", "hq", "northfields"])
def test_names_of_hosts_are_no_slips(domain: str) -> None:
    assert PARTS.without_dot(domain) == []


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("north", "field", "com"), {("extra-dot", "same", "northfield.com")}),
        (("hqq", "acme", "com"), {("repetition", "same", "hq.acme.com")}),
        (("mx.qh", "acme", "com"), {("transposition", "same", "mx.hq.acme.com")}),
        (("lab.wset", "acme", "com"), {("transposition", "same", "lab.west.acme.com")}),
        (("acme", "hq", "com"), {("swapped-labels", "same", "hq.acme.com")}),
        (("mx.acme", "hq", "com"), {("swapped-labels", "same", "mx.hq.acme.com")}),
        (("acme", "other", "com"), set()),
        (("sales", "acme", "com"), set()),
        (("hqq", "acme", "org"), set()),
    ],
)
def test_names_with_a_subdomain(parts: tuple[str, str, str], expected: set[tuple[str, str, str]]) -> None:
    found: list[Candidate] = []
    PARTS.add(found, *parts)
    assert named(found) == expected


def test_the_subdomains_of_a_name_that_is_watched_itself_are_its_own() -> None:
    found: list[Candidate] = []
    NameParts(Index(["acme.com", "hq.acme.com"])).add(found, "hqq", "acme", "com")
    assert found == []
