"""Whether a mistaken domain could be registered, judged by its suffix alone, and advice. Nothing is looked up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from streams.backtest.domains import DomainTally
from streams.domains.suffixes import suffix_rules

Registration = Literal["open", "restricted", "none"]
RESTRICTED_TLDS = frozenset({"mil", "gov", "edu", "int", "arpa"})
"""Top-level domains in which only certain organisations can register names."""
RESTRICTED_LABELS = frozenset({"mil", "gov", "gob", "gouv", "gv", "govt", "go", "edu", "ac"})
"""Second-level labels with the same restriction below a country code, such as gov.uk or gob.mx."""

DESCRIPTIONS: dict[Registration, str] = {
    "open": "open to anybody, if free",
    "restricted": "only for certain organisations",
    "none": "no such suffix exists",
}


@dataclass(frozen=True, slots=True)
class Leak:
    """A mistaken domain with advice. `registrable` is the name to register: the domain itself or a parent of it."""

    tally: DomainTally
    registrable: str
    registration: Registration
    advice: str


def registration(domain: str) -> tuple[str, Registration]:
    """The registrable name that the domain belongs to, and who can register it, by its suffix."""
    rules = suffix_rules()
    split = rules.split(domain)
    if not rules.exists(split.suffix):
        return split.registrable, "none"
    labels = split.suffix.split(".")
    if labels[-1] in RESTRICTED_TLDS or (len(labels) > 1 and labels[0] in RESTRICTED_LABELS):
        return split.registrable, "restricted"
    return split.registrable, "open"


def ranked(tallies: Iterable[DomainTally]) -> list[Leak]:
    """The leaks, sorted by mails known to be delivered, then by mails that may have been, most first."""
    return [_leak(tally) for tally in sorted(tallies, key=_rank)]


def _rank(tally: DomainTally) -> tuple[int, int, int, str]:
    at_risk = len(tally.mails) - tally.undelivered
    return -tally.delivered, -at_risk, -len(tally.recipients), tally.domain


def _leak(tally: DomainTally) -> Leak:
    registrable, who = registration(tally.domain)
    return Leak(tally, registrable, who, _advice(tally, who))


def _advice(tally: DomainTally, who: Registration) -> str:
    if who == "none" and tally.delivered:
        return (
            "Block it at the gateway. One of your own relays accepted this mail, as no such domain can exist: "
            "find out where it went."
        )
    if who == "none":
        return "Block it at the gateway, so that senders get an error at once; it can't receive mail."
    if tally.delivered:
        return "Block it at the gateway now: a server accepts mail there. Then find out whose it is."
    if who == "restricted":
        return "Block it at the gateway; only certain organisations could register it."
    return "Register it if it is free, or block it at the gateway."
