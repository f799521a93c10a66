"""What a pipeline has found in the last days, of its hits, its alerts and the decisions on its findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from streams.backtest.domains import Totals
from streams.backtest.groups import SenderGroups
from streams.backtest.score import DAY_MS
from streams.events.alert_view import AlertView
from streams.events.asked import NOTHING_ASKED, AskedCounts, AskedOutcome, latest_outcome
from streams.events.dns_facts import DnsFacts
from streams.events.hit import TypoHit
from streams.severity import Severity
from streams.triage.decision import TriageDecision
from streams.triage.standing import standing
from streams.triage.status import TriageStatus


@dataclass
class Week:
    """Figures of the mails since a time, for their report; the time and `until_ms` are ms since the epoch."""

    since_ms: int
    until_ms: int
    totals: Totals = field(default_factory=Totals)
    """Of the mails that nobody stopped: what the gate refused is in `asked` alone."""
    asked: AskedCounts = NOTHING_ASKED
    """Mails to a mistaken domain, each counted for each of these, about which the gate has asked their senders."""
    findings: Counter[tuple[Severity, TriageStatus]] = field(default_factory=Counter)
    raised_by_day: Counter[int] = field(default_factory=Counter)
    """New findings, by the day (UTC, from the epoch) of their first mail."""
    worst: list[AlertView] = field(default_factory=list)
    """The open findings, worst first."""
    false_alarms: Counter[str] = field(default_factory=Counter)
    """Findings that somebody called a false alarm, by mistaken domain."""

    @property
    def days(self) -> tuple[int, int]:
        """The first and the last day."""
        return self.since_ms // DAY_MS, self.until_ms // DAY_MS

    @property
    def prevented(self) -> int:
        """Mails that the gate kept from leaving: asked about, and not confirmed."""
        return self.asked.asked - self.asked.confirmed

    @property
    def open_findings(self) -> int:
        """Findings that somebody still has to look at, or does so."""
        return sum(count for (_, status), count in self.findings.items() if status.is_open)

    @property
    def facts(self) -> dict[str, DnsFacts]:
        """What DNS said of the mistaken domains, where it was asked."""
        tallies = self.totals.domains.values()
        return {tally.domain: tally.mistaken.dns for tally in tallies if tally.mistaken.dns is not None}


def week_of(
    hits: Iterable[TypoHit],
    states: Iterable[AlertView],
    decisions: Mapping[str, TriageDecision],
    groups: SenderGroups,
    *,
    since_ms: int,
    until_ms: int,
) -> Week:
    """The figures of the mails of these times. `states` has the newest state of each finding, `decisions` the last
    decision on each, by its uid; a finding counts where its last mail is of these times."""
    week = Week(since_ms, until_ms)
    _add_hits(week, (hit for hit in hits if since_ms <= hit.time <= until_ms), groups)
    opened: list[AlertView] = []
    for view in states:
        if view.last_seen_ms >= since_ms:
            status = standing(view, decisions.get(view.uid)).status
            _add_finding(week, view, status, since_ms)
            if status.is_open:
                opened.append(view)
    week.worst = sorted(opened, key=lambda view: (-view.severity, -view.count, view.uid))
    return week


def _add_hits(week: Week, hits: Iterable[TypoHit], groups: SenderGroups) -> None:
    asked: defaultdict[tuple[str, str], set[AskedOutcome]] = defaultdict(set)
    for hit in hits:
        if hit.asked is None:
            week.totals.add(hit, groups.of(hit.sender))
        else:
            asked[hit.mail, hit.domain].add(hit.asked)
    outcomes = Counter(latest_outcome(each) for each in asked.values())
    week.asked = AskedCounts(len(asked), outcomes["confirmed"], outcomes["corrected"])


def _add_finding(week: Week, view: AlertView, status: TriageStatus, since_ms: int) -> None:
    week.findings[view.severity, status] += 1
    if view.first_seen_ms >= since_ms:
        week.raised_by_day[view.first_seen_ms // DAY_MS] += 1
    if view.domain_count == 1:
        tally = week.totals.domains.get(view.domain)
        if tally is not None:
            tally.findings_alone += 1
    if status is TriageStatus.SUPPRESSED:
        week.false_alarms[view.domain] += 1
