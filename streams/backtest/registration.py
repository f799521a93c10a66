"""What to do about a mistaken domain: the leaks, worst first, each with advice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streams.backtest.domains import DomainTally
from streams.domains.registration import Registration, registration
from streams.events.dns_facts import DnsFacts, in_words


@dataclass(frozen=True, slots=True)
class Leak:
    """A mistaken domain with advice. `registrable` is the name to register: the domain itself or a parent of it.

    `facts` are what DNS said, None where it was not asked or gave no usable reply.
    """

    tally: DomainTally
    registrable: str
    registration: Registration
    advice: str
    facts: DnsFacts | None = None

    @property
    def facts_in_words(self) -> str:
        """What DNS said, as a sentence; empty where that isn't known."""
        return "" if self.facts is None else in_words(self.tally.domain, self.facts)


def ranked(tallies: Iterable[DomainTally], facts: Mapping[str, DnsFacts] | None = None) -> list[Leak]:
    """The leaks, sorted by mails known to be delivered, then by mails that may have been, most first.

    `facts` are what DNS said, by domain.
    """
    known = facts or {}
    return [_leak(tally, known.get(tally.domain)) for tally in sorted(tallies, key=_rank)]


def _rank(tally: DomainTally) -> tuple[int, int, int, str]:
    at_risk = len(tally.mails) - tally.undelivered
    return -tally.delivered, -at_risk, -len(tally.recipients), tally.domain


def _leak(tally: DomainTally, facts: DnsFacts | None) -> Leak:
    registrable, who = registration(tally.domain)
    return Leak(tally, registrable, who, _advice(tally, who, facts), facts)


def _advice(tally: DomainTally, who: Registration, facts: DnsFacts | None) -> str:
    if who == "none" and tally.delivered:
        return (
            "Block it at the gateway. One of your own relays accepted this mail, as no such domain can exist: "
            "find out where it went."
        )
    if who == "none":
        return "Block it at the gateway, so that senders get an error at once; it can't receive mail."
    if tally.delivered:
        return "Block it at the gateway now: a server accepts mail there. Then find out whose it is."
    if facts is not None and facts.takes_mail:
        return "Block it at the gateway now: it takes mail, as DNS says. Then find out whose it is."
    if who == "restricted":
        return "Block it at the gateway; only certain organisations could register it."
    if facts is not None and facts.route == "unowned":
        return "Register it before somebody else does: nobody owns it today."
    if facts is not None:
        return "Block it at the gateway: somebody owns it, and it takes no mail today."
    return "Register it if it is free, or block it at the gateway."
