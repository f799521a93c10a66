"""Tallies for each mistaken domain, and for each domain that scores just below the threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.backtest.score import DAY_MS, NearMiss
from streams.events.delivery import STORED_RANKS, UNDELIVERED
from streams.events.hit import TypoHit
from streams.events.mistaken_domain import MistakenDomain, joined
from streams.events.remembered import KnownTo

MAX_DISTINCT = 100_000
"""Distinct mails, senders and recipients counted for a domain; beyond that its counts are lower bounds."""
MAX_NEAR_MISSES = 20_000
"""Number of domains below the threshold that are tallied."""

_DELIVERED = STORED_RANKS["delivered"]
_UNDELIVERED = frozenset(STORED_RANKS[status] for status in UNDELIVERED)


@dataclass(slots=True)
class DomainTally:
    """Tally of one mistaken domain.

    `mails` maps each mail to its sets of recipients, and those to the rank of their best known delivery status
    (`STORED_RANKS`), as a finding's tally does.
    """

    mistaken: MistakenDomain
    first_ms: int
    last_ms: int
    mails: dict[int, dict[int, int]] = field(default_factory=dict)
    senders: set[int] = field(default_factory=set)
    recipients: set[int] = field(default_factory=set)
    scores: Counter[float] = field(default_factory=Counter)
    is_minimum: bool = False
    findings_alone: int = 0
    """Number of findings about this domain alone."""

    @property
    def domain(self) -> str:
        """Name of the mistaken domain."""
        return self.mistaken.domain

    @property
    def known_to(self) -> KnownTo | None:
        """Who knew a recipient's name at the intended domain before, of any mail: its sender, else a colleague."""
        return self.mistaken.memory.known_to if self.mistaken.memory is not None else None

    @property
    def delivered(self) -> int:
        """Number of mails known to be delivered to at least one recipient."""
        return sum(_DELIVERED in ranks.values() for ranks in self.mails.values())

    @property
    def undelivered(self) -> int:
        """Number of mails known to be delivered to none of their recipients."""
        return sum(_UNDELIVERED.issuperset(ranks.values()) for ranks in self.mails.values())

    def add(self, hit: TypoHit) -> bool:
        """Count a hit. Returns whether its mail is a new one."""
        self.first_ms, self.last_ms = min(self.first_ms, hit.time), max(self.last_ms, hit.time)
        self.mistaken = joined(self.mistaken, hit.mistaken_domain)
        mail = hash(hit.mail)
        is_new = mail not in self.mails
        if is_new and len(self.mails) >= MAX_DISTINCT:
            self.is_minimum = True
            return False
        ranks = self.mails.setdefault(mail, {})
        to = hash((tuple(hit.recipients), hit.recipient_count, hit.sender_digest))
        ranks[to] = max(STORED_RANKS[hit.delivery], ranks.get(to, 0))
        if len(self.senders) < MAX_DISTINCT:
            self.senders.add(hash(hit.sender_digest))
        if len(self.recipients) < MAX_DISTINCT:
            self.recipients.update(map(hash, hit.recipients))
        self.scores[round(hit.score, 2)] += is_new
        return is_new


@dataclass(slots=True)
class Totals:
    """Totals over all hits. A mail to two mistaken domains counts once for each of them."""

    domains: dict[str, DomainTally] = field(default_factory=dict)
    slips_by_day: Counter[int] = field(default_factory=Counter)
    by_slip: Counter[str] = field(default_factory=Counter)
    by_group: Counter[str] = field(default_factory=Counter)
    by_sender: Counter[str] = field(default_factory=Counter)
    near_misses: dict[str, NearMissTally] = field(default_factory=dict)

    @property
    def mails(self) -> int:
        """Number of mails to mistaken domains."""
        return sum(len(tally.mails) for tally in self.domains.values())

    @property
    def delivered(self) -> int:
        """Number of those that are known to be delivered."""
        return sum(tally.delivered for tally in self.domains.values())

    def add(self, hit: TypoHit, group: str) -> None:
        """Count a hit whose sender belongs to `group`."""
        tally = self.domains.get(hit.domain)
        if tally is None:
            tally = self.domains[hit.domain] = DomainTally(hit.mistaken_domain, hit.time, hit.time)
        if tally.add(hit):
            self.slips_by_day[hit.time // DAY_MS] += 1
            self.by_slip[hit.slip] += 1
            self.by_group[group] += 1
            self.by_sender[hit.sender] += 1

    def add_near_misses(self, near_misses: Iterable[NearMiss]) -> None:
        """Count domains of events that score below the threshold."""
        for one in near_misses:
            tally = self.near_misses.get(one.domain)
            if tally is None:
                if len(self.near_misses) >= MAX_NEAR_MISSES:
                    continue
                tally = self.near_misses[one.domain] = NearMissTally(one.domain, one.intended, one.slip)
            tally.mails += 1
            tally.score = max(tally.score, one.score)
            tally.scores[round(one.score, 2)] += 1


@dataclass(slots=True)
class NearMissTally:
    """Tally of a domain that scores below the threshold. `score` is its highest one; `mails` counts events."""

    domain: str
    intended: str
    slip: str
    score: float = 0.0
    mails: int = 0
    scores: Counter[float] = field(default_factory=Counter)
