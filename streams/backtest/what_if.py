"""Effects of another threshold, or of allowing a domain."""

from __future__ import annotations

from dataclasses import dataclass

from streams.backtest.domains import DomainTally, NearMissTally, Totals
from streams.backtest.score import NEAR_MISS_FROM

THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
ENTRIES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What would be flagged with this threshold. `changed` has the domains, with the most mails first, that would be
    flagged in addition or no longer."""

    threshold: float
    is_present: bool
    domains: int
    mails: int
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IfAllowed:
    """Number of mails and findings that would no longer be flagged if this domain were allowed."""

    domain: str
    intended: str
    score: float
    mails: int
    findings: int


def at_thresholds(totals: Totals, present: float) -> list[AtThreshold]:
    """Effects of each threshold for which the tallies suffice, including the present one."""
    lowest = min(NEAR_MISS_FROM, present)
    return [
        _at(totals, threshold, present) for threshold in sorted({*THRESHOLDS, round(present, 2)}) if threshold >= lowest
    ]


def _at(totals: Totals, threshold: float, present: float) -> AtThreshold:
    flagged: dict[str, int] = {}
    tallies: list[DomainTally | NearMissTally] = [*totals.domains.values(), *totals.near_misses.values()]
    for tally in tallies:
        mails = sum(count for score, count in tally.scores.items() if score >= threshold)
        if mails:
            flagged[tally.domain] = flagged.get(tally.domain, 0) + mails
    if threshold < present:
        changed = {domain: mails for domain, mails in flagged.items() if domain not in totals.domains}
    else:
        changed = {t.domain: len(t.mails) for t in totals.domains.values() if t.domain not in flagged}
    most = sorted(changed, key=lambda domain: (-changed[domain], domain))[:3]
    is_present = threshold == round(present, 2)
    return AtThreshold(threshold, is_present, len(flagged), sum(flagged.values()), () if is_present else tuple(most))


def if_allowed(totals: Totals, shown: int = ENTRIES_SHOWN) -> list[IfAllowed]:
    """Effects of allowing the domains with the most mails among those not listed as mistakes, as some may be real."""
    tallies = [tally for tally in totals.domains.values() if not tally.mistaken.listed]
    tallies.sort(key=lambda tally: (-len(tally.mails), tally.domain))
    return [_if_allowed(tally) for tally in tallies[:shown]]


def _if_allowed(tally: DomainTally) -> IfAllowed:
    mistaken = tally.mistaken
    return IfAllowed(mistaken.domain, mistaken.intended, mistaken.score, len(tally.mails), tally.findings_alone)
