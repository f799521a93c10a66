"""The HTML report of a backtest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from streams.backtest.page import alert_chart, leak_charts, page
from streams.backtest.run import Result
from streams.backtest.score import ScoringPlan
from streams.backtest.what_if import at_thresholds
from streams.files import Warn, write_private
from streams.severity import SEVERITIES

if TYPE_CHECKING:
    from streams.backtest.charts import Chart

WORST_SHOWN = 10
SEVERITIES_WORST_FIRST = sorted(SEVERITIES.values(), reverse=True)


def write_report(path: Path, result: Result, plan: ScoringPlan, warn: Warn, *, title: str, made_ms: int) -> None:
    """Write the report to a file; `warn` is called where others can read it. Raises UsageError if that fails."""
    write_private(path, render(result, plan, title=title, made_ms=made_ms), warn)


def render(result: Result, plan: ScoringPlan, *, title: str, made_ms: int) -> str:
    """The report as HTML text."""
    scorer = plan.settings.scorer
    return page(
        "report.html",
        result.totals,
        result.dns_facts,
        title=title,
        made_ms=made_ms,
        result=result,
        charts=_charts(result, plan) if result.totals.domains else {},
        rules=_rules(result),
        severities=[severity.word for severity in SEVERITIES_WORST_FIRST],
        worst=result.findings.worst[:WORST_SHOWN],
        thresholds=at_thresholds(result.totals, scorer.typo),
        scorer=scorer,
        watched=len(plan.watchlist.watched),
    )


def _charts(result: Result, plan: ScoringPlan) -> dict[str, Chart]:
    days = result.days or (0, 0)
    return {
        **leak_charts(result.totals, days, plan.groups, result.events_by_group),
        "alerts": alert_chart(result.findings.raised_by_day, days),
    }


def _rules(result: Result) -> list[dict[str, Any]]:
    findings = result.findings
    return [
        {
            "rule": rule,
            "counts": [findings.findings[rule, severity.word] for severity in SEVERITIES_WORST_FIRST],
            "alerts": sum(count for (of, _), count in findings.alerts.items() if of == rule),
        }
        for rule in sorted({rule for rule, _ in findings.findings})
    ]
