"""Invented people and desks with addresses, and whom each of them usually writes to."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product

from bench.samples.cast import OFFICIAL, PARTNERS, SENDING, House
from bench.samples.words import GIVEN, SURNAMES


@dataclass(frozen=True, slots=True)
class Contact:
    """One address and its domain."""

    address: str
    domain: str


def residents(house: House, rng: random.Random) -> list[Contact]:
    """The people and desks of one house, each with an address of its own."""
    names = rng.sample(list(product(GIVEN[house.country], SURNAMES[house.country])), house.people)
    locals_ = {
        house.form.format(g=given.lower(), f=given[0].lower(), s=surname.lower(), n=rng.randrange(100, 1000))
        for given, surname in names
    }
    return [Contact(f"{local}@{house.domain}", house.domain) for local in (*sorted(locals_), *house.desks)]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody in the sample. `books` has the usual correspondents of each sender."""

    senders: list[Contact]
    by_domain: dict[str, list[Contact]]
    books: dict[Contact, list[Contact]]


def gather(rng: random.Random) -> Cast:
    """Everybody, with address books of which a third is colleagues, a third official and a third partners."""
    by_domain = {house.domain: residents(house, rng) for house in (*SENDING, *OFFICIAL, *PARTNERS)}
    senders = [contact for house in SENDING for contact in by_domain[house.domain]]
    official = senders + [contact for house in OFFICIAL for contact in by_domain[house.domain]]
    partners = [contact for house in PARTNERS for contact in by_domain[house.domain]]
    books = {}
    for sender in senders:
        colleagues = [contact for contact in by_domain[sender.domain] if contact != sender]
        known = rng.sample(colleagues, min(4, len(colleagues))) + rng.sample(official, 5) + rng.sample(partners, 5)
        books[sender] = [contact for contact in known if contact != sender]
    return Cast(senders, by_domain, books)
