"""What a different threshold or an allow entry would change."""

from __future__ import annotations

from dataclasses import dataclass

from streams.backtest.domains import DomainStory, NearStory, Totals
from streams.backtest.score import NEAR

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ENTRIES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What would be flagged if domains were typos from this score on; `gained` and `lost` name the domains of most
    mails that come or go."""

    threshold: float
    is_present: bool
    domains: int
    mails: int
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IfAllowed:
    """What would go if this domain were allowed."""

    domain: str
    intended: str
    score: float
    mails: int
    findings: int


def at_thresholds(totals: Totals, present: float) -> list[AtThreshold]:
    """One row for each threshold that can be judged from what was kept, the present one among them."""
    lowest = min(NEAR, present)
    return [
        _at(totals, threshold, present) for threshold in sorted({*THRESHOLDS, round(present, 2)}) if threshold >= lowest
    ]


def _at(totals: Totals, threshold: float, present: float) -> AtThreshold:
    flagged: dict[str, int] = {}
    stories: list[DomainStory | NearStory] = [*totals.stories.values(), *totals.near.values()]
    for story in stories:
        mails = sum(count for score, count in story.scores.items() if score >= threshold)
        if mails:
            flagged[story.domain] = flagged.get(story.domain, 0) + mails
    if threshold < present:
        changed = {domain: mails for domain, mails in flagged.items() if domain not in totals.stories}
    else:
        changed = {s.domain: len(s.mails) for s in totals.stories.values() if s.domain not in flagged}
    most = sorted(changed, key=lambda domain: (-changed[domain], domain))[:3]
    is_present = threshold == round(present, 2)
    return AtThreshold(threshold, is_present, len(flagged), sum(flagged.values()), () if is_present else tuple(most))


def if_allowed(totals: Totals, shown: int = ENTRIES_SHOWN) -> list[IfAllowed]:
    """The domains of most mails among those that nobody has listed as mistakes: real domains of others hide there."""
    stories = [story for story in totals.stories.values() if not story.mistaken.listed]
    stories.sort(key=lambda story: (-len(story.mails), story.domain))
    return [_if_allowed(story) for story in stories[:shown]]


def _if_allowed(story: DomainStory) -> IfAllowed:
    mistaken = story.mistaken
    return IfAllowed(mistaken.domain, mistaken.intended, mistaken.score, len(story.mails), story.findings_alone)
