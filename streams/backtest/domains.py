"""What history says of each mistaken domain: mails, people and time, and what it would take for it not to be one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.backtest.score import DAY_MS, Near
from streams.events.delivery import STORED_RANKS, UNDELIVERED
from streams.events.hit import TypoHit
from streams.events.mistaken_domain import MistakenDomain, joined

KEPT = 100_000
"""So many distinct mails, senders and recipients of a domain are told apart; then `is_minimum` says so."""
NEAR_KEPT = 20_000
"""So many domains below the threshold are remembered."""

_DELIVERED = STORED_RANKS["delivered"]
_UNDELIVERED = frozenset(STORED_RANKS[status] for status in UNDELIVERED)


@dataclass(slots=True)
class DomainStory:
    """One mistaken domain. `mails` has, of each mail and each set of its recipients, the rank of the delivery status
    that is known best (`STORED_RANKS`), as a finding's tally has it."""

    mistaken: MistakenDomain
    first_ms: int
    last_ms: int
    mails: dict[int, dict[int, int]] = field(default_factory=dict)
    senders: set[int] = field(default_factory=set)
    recipients: set[int] = field(default_factory=set)
    scores: Counter[float] = field(default_factory=Counter)
    is_minimum: bool = False
    findings_alone: int = 0
    """Findings that rest on this domain alone."""

    @property
    def domain(self) -> str:
        """The mistaken domain's name."""
        return self.mistaken.domain

    @property
    def delivered(self) -> int:
        """Mails that are known to have been delivered, to one recipient at least."""
        return sum(_DELIVERED in ranks.values() for ranks in self.mails.values())

    @property
    def undelivered(self) -> int:
        """Mails that are known to have been delivered to none of their recipients."""
        return sum(_UNDELIVERED.issuperset(ranks.values()) for ranks in self.mails.values())

    def add(self, hit: TypoHit) -> bool:
        """Count a hit in; whether its mail is a new one."""
        self.first_ms, self.last_ms = min(self.first_ms, hit.time), max(self.last_ms, hit.time)
        self.mistaken = joined(self.mistaken, hit.mistaken_domain)
        mail = hash(hit.mail)
        is_new = mail not in self.mails
        if is_new and len(self.mails) >= KEPT:
            self.is_minimum = True
            return False
        ranks = self.mails.setdefault(mail, {})
        to = hash((tuple(hit.recipients), hit.recipient_count, hit.sender_digest))
        ranks[to] = max(STORED_RANKS[hit.delivery], ranks.get(to, 0))
        if len(self.senders) < KEPT:
            self.senders.add(hash(hit.sender_digest))
        if len(self.recipients) < KEPT:
            self.recipients.update(map(hash, hit.recipients))
        self.scores[round(hit.score, 2)] += is_new
        return is_new


@dataclass(slots=True)
class Totals:
    """All of the slips. A mail to two mistaken domains counts once for each of them."""

    stories: dict[str, DomainStory] = field(default_factory=dict)
    slips_by_day: Counter[int] = field(default_factory=Counter)
    by_slip: Counter[str] = field(default_factory=Counter)
    by_group: Counter[str] = field(default_factory=Counter)
    by_sender: Counter[str] = field(default_factory=Counter)
    near: dict[str, NearStory] = field(default_factory=dict)

    def add(self, hit: TypoHit, group: str) -> None:
        """Count a hit in."""
        story = self.stories.get(hit.domain)
        if story is None:
            story = self.stories[hit.domain] = DomainStory(hit.mistaken_domain, hit.time, hit.time)
        if story.add(hit):
            self.slips_by_day[hit.time // DAY_MS] += 1
            self.by_slip[hit.slip] += 1
            self.by_group[group] += 1
            self.by_sender[hit.sender] += 1

    def add_near(self, near: Iterable[Near]) -> None:
        """Count in what scores below the threshold."""
        for one in near:
            story = self.near.get(one.domain)
            if story is None:
                if len(self.near) >= NEAR_KEPT:
                    continue
                story = self.near[one.domain] = NearStory(one.domain, one.intended, one.slip)
            story.mails += 1
            story.score = max(story.score, one.score)
            story.scores[round(one.score, 2)] += 1


@dataclass(slots=True)
class NearStory:
    """A domain that scores below the threshold, by its highest score; `mails` counts events."""

    domain: str
    intended: str
    slip: str
    score: float = 0.0
    mails: int = 0
    scores: Counter[float] = field(default_factory=Counter)
