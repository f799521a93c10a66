"""Domains of each class, and those that only look like them."""

from __future__ import annotations

import pytest

from streams.data import rows
from streams.domains.stakes import Stakes
from streams.domains.watchlist.default_groups import DEFAULT_GROUPS, DOMAIN_CLASSES, with_defaults
from streams.domains.watchlist.watchlist import Group
from streams.severity import Severity

OWN = Stakes(["harbour-authority.example"])


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("norfolk.navy.mil", "defence"),
        ("mil", "defence"),
        ("sztab.mil.pl", "defence"),
        ("defence.govt.nz", "defence"),
        ("mod.gov.rs", "defence"),
        ("mail.airforce.gov.xy", None),
        ("act.nato.int", "defence"),
        ("army-surplus.com", None),
        ("navy-blue.co.uk", None),
        ("military-books.com", None),
        ("justice.gov.xy", None),
        ("justice.gov.pl", "government"),
        ("prefecture.gouv.fr", "government"),
        ("service.admin.ch", "government"),
        ("government.com", None),
        ("ombudsman.europa.eu", "international"),
        ("secretariat.wmo.int", "international"),
        ("international.org", None),
        ("leeds.nhs.uk", "health"),
        ("health.gov.ie", "health"),
        ("stadt-krankenhaus.de", "health"),
        ("lakesideclinic.com", "health"),
        ("health-magazine.com", None),
        ("clinical-trials.org", None),
        ("kredit.bank", "finance"),
        ("stadtsparkasse.de", "finance"),
        ("first-credit-bank.com", "finance"),
        ("foodbank.org", None),
        ("bankside.co.uk", None),
        ("gmail.com", "free-mail"),
        ("mail.example.org", None),
        ("gmail.example.org", None),
        ("quay.harbour-authority.example", "own"),
        ("harbour-authority.org", None),
        ("localhost", None),
    ],
)
def test_the_class_of_a_domain(domain: str, name: str | None) -> None:
    assert OWN.class_of(domain) == name


def test_a_bank_of_the_list_is_one() -> None:
    assert {Stakes().class_of(name) for name in rows("banks.txt")[::200]} <= {"finance", "government"}


def test_without_own_domains_nothing_is_own() -> None:
    assert Stakes().class_of("harbour-authority.example") is None


def test_every_class_has_a_group_and_every_row_a_class() -> None:
    assert tuple(DEFAULT_GROUPS) == DOMAIN_CLASSES
    assert {row.split()[0] for row in rows("domain_classes.txt")} <= set(DOMAIN_CLASSES)
    assert {row.split()[1] for row in rows("domain_classes.txt")} == {"suffix", "body", "name", "ending"}


def test_a_watchlist_overrides_a_default_group() -> None:
    critical, owner = Group(Severity.CRITICAL), Group(owner="desk@x.org")
    groups = with_defaults({"defence": critical, "free-mail": owner, "allies": Group()})
    assert groups["defence"] == critical
    assert groups["free-mail"] == Group(owner="desk@x.org", at_most=Severity.MEDIUM)
    assert (groups["allies"], groups["health"]) == (Group(), DEFAULT_GROUPS["health"])
    assert with_defaults({"free-mail": Group(Severity.LOW)})["free-mail"].at_most is None
