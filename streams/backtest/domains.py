"""What history says of each mistaken domain: mails, people and time, and what it would take for it not to be one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from streams.backtest.score import DAY_MS, Near
from streams.events.hit import TypoHit

KEPT = 100_000
"""So many distinct mails, senders and recipients of a domain are told apart; then `is_minimum` says so."""
NEAR_KEPT = 20_000
"""So many domains below the threshold are remembered."""
_RANKS = {"rejected": 0, "failed": 0, "unknown": 1, "held": 1, "deferred": 1, "delivered": 2}


@dataclass(slots=True)
class DomainStory:
    """One mistaken domain. `mails` maps a mail to how far it came: 0 not delivered, 1 not known, 2 delivered."""

    domain: str
    intended: str
    slip: str
    explanation: str
    score: float
    certain: bool
    listed: bool
    first_ms: int
    last_ms: int
    mails: dict[int, int] = field(default_factory=dict)
    senders: set[int] = field(default_factory=set)
    recipients: set[int] = field(default_factory=set)
    scores: Counter[float] = field(default_factory=Counter)
    is_minimum: bool = False
    findings_alone: int = 0
    """Findings that rest on this domain alone."""

    @property
    def delivered(self) -> int:
        """Mails that are known to have been delivered."""
        return sum(rank == 2 for rank in self.mails.values())

    @property
    def undelivered(self) -> int:
        """Mails that are known not to have been delivered."""
        return sum(rank == 0 for rank in self.mails.values())

    def add(self, hit: TypoHit) -> bool:
        """Count a hit in; whether its mail is a new one."""
        self.first_ms, self.last_ms = min(self.first_ms, hit.time), max(self.last_ms, hit.time)
        if hit.score > self.score:
            self.score, self.certain, self.explanation = hit.score, hit.certain, hit.explanation
        mail, rank = hash(hit.mail), _RANKS[hit.delivery]
        is_new = mail not in self.mails
        if is_new and len(self.mails) >= KEPT:
            self.is_minimum = True
            return False
        self.mails[mail] = max(rank, self.mails.get(mail, 0))
        if len(self.senders) < KEPT:
            self.senders.add(hash(hit.sender_digest))
        if len(self.recipients) < KEPT:
            self.recipients.update(map(hash, hit.recipients))
        self.scores[round(hit.score, 2)] += is_new
        return is_new


def story_of(hit: TypoHit) -> DomainStory:
    """An empty story of the hit's domain."""
    what = (hit.domain, hit.intended, hit.slip, hit.explanation, hit.score, hit.certain, hit.listed)
    return DomainStory(*what, hit.time, hit.time)


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
            story = self.stories[hit.domain] = story_of(hit)
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
