"""The HTML report of a week."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from streams.backtest.groups import SenderGroups, shown
from streams.backtest.page import alert_chart, leak_charts, page
from streams.backtest.week import Week
from streams.files import Warn, write_private
from streams.triage.status import TriageStatus

AGAIN_FROM = 2
"""Mails to mistaken domains from which a sender has done it again."""
ROWS_SHOWN = 20


def write_week(path: Path, week: Week, groups: SenderGroups, warn: Warn, *, title: str, topics: Sequence[str]) -> None:
    """Write the report to a file; `warn` is called where others can read it, `topics` are named as what it was made of.
    Raises UsageError if that fails."""
    write_private(path, render_week(week, groups, title=title, topics=topics), warn)


def render_week(week: Week, groups: SenderGroups, *, title: str, topics: Sequence[str]) -> str:
    """The report as HTML text."""
    again = _again(week, groups)
    facts = week.facts
    return page(
        "week.html",
        week.totals,
        facts,
        title=title,
        week=week,
        facts_known=bool(facts),
        charts={
            **(leak_charts(week.totals, week.days, groups, {}) if week.totals.domains else {}),
            **({"alerts": alert_chart(week.raised_by_day, week.days)} if week.findings else {}),
        },
        again=again[:ROWS_SHOWN],
        again_left=max(0, len(again) - ROWS_SHOWN),
        statuses=[status.caption for status in TriageStatus],
        findings=_findings(week),
        worst=week.worst[:ROWS_SHOWN],
        false_alarms=[domain for domain, _ in week.false_alarms.most_common(ROWS_SHOWN)],
        topics=topics,
    )


def _again(week: Week, groups: SenderGroups) -> list[dict[str, Any]]:
    most = sorted(week.totals.by_sender.items(), key=lambda row: (-row[1], row[0]))
    return [
        {"sender": sender, "group": shown(groups.of(sender), groups), "mails": mails}
        for sender, mails in most
        if mails >= AGAIN_FROM
    ]


def _findings(week: Week) -> list[dict[str, Any]]:
    severities = sorted({severity for severity, _ in week.findings}, reverse=True)
    return [
        {"severity": severity.word, "counts": [week.findings[severity, status] for status in TriageStatus]}
        for severity in severities
    ]
