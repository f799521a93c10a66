"""Invented people and desks with addresses, and whom each of them usually writes to."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import product

from bench.samples.cast import OFFICIAL, PARTNERS, SENDING, Organisation
from bench.samples.words import GIVEN, SURNAMES


@dataclass(frozen=True, slots=True)
class Contact:
    """An address and its domain."""

    address: str
    domain: str


def residents(org: Organisation, rng: random.Random) -> list[Contact]:
    """The people and desks of an organisation, each with a different address."""
    names = rng.sample(list(product(GIVEN[org.country], SURNAMES[org.country])), org.people)
    locals_ = {
        org.form.format(g=given.lower(), f=given[0].lower(), s=surname.lower(), n=rng.randrange(100, 1000))
        for given, surname in names
    }
    return [Contact(f"{local}@{org.domain}", org.domain) for local in (*sorted(locals_), *org.desks)]


@dataclass(frozen=True, slots=True)
class Cast:
    """All people and desks of the sample. `books` has the usual correspondents of each sender."""

    senders: list[Contact]
    by_domain: dict[str, list[Contact]]
    books: dict[Contact, list[Contact]]


def gather(rng: random.Random) -> Cast:
    """All people and desks; each address book has colleagues, official contacts and partners, about a third each."""
    by_domain = {org.domain: residents(org, rng) for org in (*SENDING, *OFFICIAL, *PARTNERS)}
    senders = [contact for org in SENDING for contact in by_domain[org.domain]]
    official = senders + [contact for org in OFFICIAL for contact in by_domain[org.domain]]
    partners = [contact for org in PARTNERS for contact in by_domain[org.domain]]
    books = {}
    for sender in senders:
        colleagues = [contact for contact in by_domain[sender.domain] if contact != sender]
        known = rng.sample(colleagues, min(4, len(colleagues))) + rng.sample(official, 5) + rng.sample(partners, 5)
        books[sender] = [contact for contact in known if contact != sender]
    return Cast(senders, by_domain, books)
