"""HTML report of a backtest: one self-contained page, which can be forwarded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streams import __version__
from streams.backtest.domains import DomainTally
from streams.backtest.groups import shown
from streams.backtest.registration import ranked
from streams.backtest.run import Result
from streams.backtest.score import ScoringPlan
from streams.backtest.what_if import at_thresholds, if_allowed
from streams.counted import counted
from streams.domains.diff import Piece, compare
from streams.domains.registration import DESCRIPTIONS
from streams.errors import UsageError
from streams.events.safe_text import clean, readable_domain
from streams.files import Warn, write_private
from streams.severity import SEVERITIES

try:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    from streams.backtest import charts
except ModuleNotFoundError as error:
    remedy = "install straymail with its extra `report`, as in `python3 -m pip install '.[report]'`"
    raise UsageError(f"--report needs {error.name}: {remedy}") from error

FIRST_SHOWN = 5
LEAKS_SHOWN = 200
BARS_SHOWN = 12
WORST_SHOWN = 10
SEVERITIES_WORST_FIRST = sorted(SEVERITIES.values(), reverse=True)


def write_report(path: Path, result: Result, plan: ScoringPlan, warn: Warn, *, title: str, made_ms: int) -> None:
    """Write the report to a file; `warn` is called where others can read it. Raises UsageError if that fails."""
    write_private(path, render(result, plan, title=title, made_ms=made_ms), warn)


def render(result: Result, plan: ScoringPlan, *, title: str, made_ms: int) -> str:
    """The report as HTML text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(
        day=_day, date=_date, pieces=_pieces, number="{:,}".format, counted=counted, unicode=_readable
    )
    leaks = ranked(result.totals.domains.values(), result.dns_facts)
    scorer = plan.settings.scorer
    return environment.get_template("report.html").render(
        title=title,
        made_ms=made_ms,
        version=__version__,
        result=result,
        leaks=leaks[:LEAKS_SHOWN],
        leaks_left=max(0, len(leaks) - LEAKS_SHOWN),
        first=[leak for leak in leaks if leak.tally.mistaken.certain][:FIRST_SHOWN],
        registration_words=DESCRIPTIONS,
        charts=_charts(result, plan) if leaks else {},
        rules=_rules(result),
        severities=[severity.word for severity in SEVERITIES_WORST_FIRST],
        worst=result.findings.worst[:WORST_SHOWN],
        thresholds=at_thresholds(result.totals, scorer.typo),
        allowed=if_allowed(result.totals),
        scorer=scorer,
        watched=len(plan.watchlist.watched),
    )


def _charts(result: Result, plan: ScoringPlan) -> dict[str, charts.Chart]:
    totals, days = result.totals, result.days or (0, 0)
    groups = totals.by_group.most_common(BARS_SHOWN)
    per_group = [_rate(count, result.events_by_group[group]) for group, count in groups]
    named = [(clean(shown(group, plan.groups)), count) for group, count in groups]
    slips = [(clean(slip), count) for slip, count in totals.by_slip.most_common(BARS_SHOWN)]
    return {
        "time": charts.over_time("time", "Mails to mistaken domains over time", totals.slips_by_day, days),
        "slips": charts.ranking("slips", "Mails by slip", slips),
        "groups": charts.ranking("groups", "Mails by group of senders", named, per_group),
        "alerts": charts.over_time(
            "alerts", "Alerts that need attention, over time", result.findings.raised_by_day, days, charts.SECOND
        ),
    }


def _rate(slips: int, mails: int) -> str:
    return f"({10_000 * slips / mails:.1f} in 10,000)" if mails else ""


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


def _day(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).strftime("%-d %B %Y")


def _date(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).strftime("%-d %b %Y")


def _readable(domain: str) -> str:
    """The domain in Unicode if it has non-ASCII letters, else empty."""
    unicode = readable_domain(domain)
    return unicode if unicode != domain else ""


def _shown(value: Any) -> Any:
    """Every text that the page shows is cleaned; what is markup already was made of such texts."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _pieces(tally: DomainTally) -> list[Piece]:
    """The typed domain in pieces, with those that differ from the intended one marked."""
    return compare(tally.domain, tally.mistaken.intended).typed
