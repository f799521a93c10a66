"""Runs a backtest, from encoded mail events to findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from streams.backtest.count import alerts_of
from streams.backtest.domains import Totals
from streams.backtest.findings import FindingsTally
from streams.backtest.pool import score_all
from streams.backtest.score import ScoringPlan
from streams.backtest.second_pass import judgements, keep
from streams.backtest.sorted_records import SortedRecords
from streams.events.dns_facts import DnsFacts
from streams.events.hit import TypoHit
from streams.findings.finding_policy import finding_policy
from streams.findings.store.digests import Digests

BATCH = 4_000
MAX_GROUPS = 5_000
OTHER_GROUPS = "(others)"


@dataclass
class Result:
    """Figures of a backtest, for its summary and its report. Days are numbered from the epoch, UTC."""

    scored: int = 0
    bounces: int = 0
    not_ours: int = 0
    events_by_day: Counter[int] = field(default_factory=Counter)
    events_by_group: Counter[str] = field(default_factory=Counter)
    totals: Totals = field(default_factory=Totals)
    findings: FindingsTally = field(default_factory=FindingsTally)
    dns_facts: dict[str, DnsFacts] = field(default_factory=dict)
    """What DNS says of mistaken domains, where the caller has asked it."""

    @property
    def days(self) -> tuple[int, int] | None:
        """First and last day with mail; None if there was none."""
        return (min(self.events_by_day), max(self.events_by_day)) if self.events_by_day else None


OnUnreadable = Callable[[object, int, str, str], None]
"""Called for each unreadable event with the origin of its batch, its index there, the reason and the detail."""


def backtest(
    batches: Iterable[tuple[object, list[bytes]]],
    plan: ScoringPlan,
    *,
    jobs: int,
    on_unreadable: OnUnreadable,
    on_alert: Callable[[bytes], None] = lambda _: None,
) -> Result:
    """Score batches of encoded events, each with its origin, then judge the doubted ones and count their hits in the
    order of their times."""
    result = Result()
    with SortedRecords() as records:
        for origin, scored in score_all(batches, plan, jobs):
            for index, reason, detail in scored.unreadable:
                on_unreadable(origin, index, reason, detail)
            result.scored += scored.scored
            result.bounces += scored.bounces
            result.not_ours += scored.not_ours
            result.events_by_day.update(scored.days)
            _add_groups(result.events_by_group, scored.groups)
            keep(records, scored)
        _count(records, plan, result, on_alert)
    for domain, tally in result.totals.domains.items():
        tally.findings_alone = result.findings.alone[domain]
    return result


def _count(records: SortedRecords, plan: ScoringPlan, result: Result, on_alert: Callable[[bytes], None]) -> None:
    policy = finding_policy(plan.settings.findings, plan.watchlist, plan.settings.own_domains)
    digests = Digests(plan.settings.privacy.secret())

    def tallied() -> Iterator[TypoHit]:
        for hits, near_misses in judgements(records, plan):
            result.totals.add_near_misses(near_misses)
            for hit in hits:
                if hit.asked is None:  # the gate stopped it
                    result.totals.add(hit, plan.groups.of(hit.sender))
                yield hit

    for alert in alerts_of(tallied(), policy, digests):
        result.findings.add(alert.value)
        on_alert(alert.value)


def _add_groups(totals: Counter[str], new: Counter[str]) -> None:
    """Add counts by group. Beyond `MAX_GROUPS` further groups are counted together, to bound memory."""
    for group, count in new.items():
        totals[group if group in totals or len(totals) < MAX_GROUPS else OTHER_GROUPS] += count
