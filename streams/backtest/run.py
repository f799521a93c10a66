"""A backtest from the first record to the last finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from streams.backtest.count import alerts_of
from streams.backtest.domains import Totals
from streams.backtest.findings import FindingsTally
from streams.backtest.pool import score_all
from streams.backtest.score import ScoringPlan
from streams.backtest.sorted_hits import SortedHits
from streams.events.hit import Tick, TypoHit, decode_hit_or_tick
from streams.findings.finding_policy import finding_policy
from streams.findings.store.digests import Digests

BATCH = 4_000
GROUPS_KEPT = 5_000
OTHER_GROUPS = "(others)"


@dataclass
class Result:
    """All that a summary and a report tell. Days are numbered from the epoch, UTC."""

    scored: int = 0
    bounces: int = 0
    not_ours: int = 0
    events_by_day: Counter[int] = field(default_factory=Counter)
    events_by_group: Counter[str] = field(default_factory=Counter)
    totals: Totals = field(default_factory=Totals)
    findings: FindingsTally = field(default_factory=FindingsTally)

    @property
    def mails_to_mistakes(self) -> int:
        """Mails to mistaken domains; one to two of them counts for each."""
        return sum(len(story.mails) for story in self.totals.stories.values())

    @property
    def delivered(self) -> int:
        """Those that are known to have been delivered."""
        return sum(story.delivered for story in self.totals.stories.values())

    @property
    def days(self) -> tuple[int, int] | None:
        """The first and the last day of mail; None where there was none."""
        return (min(self.events_by_day), max(self.events_by_day)) if self.events_by_day else None


OnUnreadable = Callable[[object, int, str, str], None]
"""Is told what came beside the batch, the index in it, the reason and the detail."""


def backtest(
    batches: Iterable[tuple[object, list[bytes]]],
    plan: ScoringPlan,
    *,
    jobs: int,
    on_unreadable: OnUnreadable,
    on_alert: Callable[[bytes], None] = lambda _: None,
) -> Result:
    """Score all batches of encoded events, then count their hits in the order of their times."""
    result = Result()
    with SortedHits() as hits:
        for told, part in score_all(batches, plan, jobs):
            for index, reason, detail in part.unreadable:
                on_unreadable(told, index, reason, detail)
            result.scored += part.scored
            result.bounces += part.bounces
            result.not_ours += part.not_ours
            result.events_by_day.update(part.days)
            _add_groups(result.events_by_group, part.groups)
            result.totals.add_near(part.near)
            hits.add(part.hits)
        _count(hits, plan, result, on_alert)
    for domain, story in result.totals.stories.items():
        story.findings_alone = result.findings.alone[domain]
    return result


def _count(hits: SortedHits, plan: ScoringPlan, result: Result, on_alert: Callable[[bytes], None]) -> None:
    policy = finding_policy(plan.settings.findings, plan.watchlist)
    digests = Digests(plan.settings.privacy.secret())

    def told() -> Iterator[TypoHit]:
        for _, value in hits:
            hit = decode_hit_or_tick(value)
            if not isinstance(hit, Tick):
                result.totals.add(hit, plan.groups.of(hit.sender))
                yield hit

    for alert in alerts_of(told(), policy, digests):
        result.findings.add(alert.value)
        on_alert(alert.value)


def _add_groups(known: Counter[str], new: Counter[str]) -> None:
    """Bounded: what comes after the first groups is put together."""
    for group, count in new.items():
        known[group if group in known or len(known) < GROUPS_KEPT else OTHER_GROUPS] += count
