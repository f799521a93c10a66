"""Summary of a backtest, as text for a terminal and as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.backtest.registration import Leak, ranked
from streams.backtest.run import Result
from streams.backtest.score import DAY_MS
from streams.backtest.what_if import at_thresholds, if_allowed
from streams.cli.shared.tables import SEVERITY_STYLES, meant_text, typed_text
from streams.counted import counted
from streams.events.safe_text import clean
from streams.severity import SEVERITIES

LEAKS_SHOWN = 15
SEVERITIES_WORST_FIRST = sorted(SEVERITIES.values(), reverse=True)


def day_text(day: int) -> str:
    """A day, numbered from the epoch, such as 2026-11-24."""
    return datetime.fromtimestamp(day * DAY_MS / 1000, tz=UTC).date().isoformat()


def as_json(result: Result, typo: float) -> dict[str, Any]:
    """All that the summary shows, and every leak."""
    findings = result.findings
    days = result.days
    return {
        "from": day_text(days[0]) if days else None,
        "to": day_text(days[1]) if days else None,
        "mail_events": result.scored,
        "bounces": result.bounces,
        "not_ours": result.not_ours,
        "mails_to_mistaken_domains": result.totals.mails,
        "delivered": result.totals.delivered,
        "mistaken_domains": len(result.totals.domains),
        "by_slip": dict(result.totals.by_slip.most_common()),
        "findings": [
            {"rule": rule, "severity": severity, "findings": count}
            for (rule, severity), count in sorted(findings.findings.items())
        ],
        "alerts": [
            {"rule": rule, "activity": activity, "alerts": count}
            for (rule, activity), count in sorted(findings.alerts.items())
        ],
        "leaks": [_leak(leak) for leak in ranked(result.totals.domains.values(), result.dns_facts)],
        "thresholds": [
            {"threshold": row.threshold, "present": row.is_present, "domains": row.domains, "mails": row.mails}
            for row in at_thresholds(result.totals, typo)
        ],
        "if_allowed": [
            {"domain": row.domain, "mails": row.mails, "findings": row.findings} for row in if_allowed(result.totals)
        ],
    }


def _leak(leak: Leak) -> dict[str, Any]:
    tally = leak.tally
    return {
        "domain": tally.domain,
        "intended": tally.mistaken.intended,
        "slip": tally.mistaken.slip,
        "score": round(tally.mistaken.score, 4),
        "certain": tally.mistaken.certain,
        "mails": len(tally.mails),
        "delivered": tally.delivered,
        "undelivered": tally.undelivered,
        "senders": len(tally.senders),
        "recipients": len(tally.recipients),
        "known_to": tally.known_to,
        "first": day_text(tally.first_ms // DAY_MS),
        "last": day_text(tally.last_ms // DAY_MS),
        "registrable": leak.registrable,
        "registration": leak.registration,
        "advice": leak.advice,
        "dns": leak.facts_in_words or None,
        "is_minimum": tally.is_minimum,
    }


def print_summary(result: Result, typo: float) -> None:
    """Print the summary to stdout, in the width of the terminal."""
    console = Console()
    days = result.days
    if days is None:
        console.print("No mail was read.")
        return
    mails = counted(result.totals.mails, "mail")
    console.print(
        Text.assemble(
            f"{day_text(days[0])} to {day_text(days[1])}: {counted(result.scored, 'mail event')}, ",
            (f"{mails} to {counted(len(result.totals.domains), 'mistaken domain')}", "bold"),
            f", {result.totals.delivered:,} of them known to be delivered",
        )
    )
    if result.totals.domains:
        console.print(_leaks(ranked(result.totals.domains.values(), result.dns_facts), console))
        console.print(_findings(result))
        console.print(_thresholds(result, typo))


def _leaks(leaks: list[Leak], console: Console) -> Table:
    table = _table("Leaks, worst first", "domain", "for", "slip", "mails", "delivered", "senders", "registrable")
    for leak in leaks[:LEAKS_SHOWN]:
        tally = leak.tally
        table.add_row(
            typed_text(tally.domain, tally.mistaken.intended),
            meant_text(tally.domain, tally.mistaken.intended),
            Text(clean(tally.mistaken.slip)),
            f"{len(tally.mails):,}{'+' if tally.is_minimum else ''}",
            f"{tally.delivered:,}",
            f"{len(tally.senders):,}",
            Text(_registrable(leak)),
        )
    if len(leaks) > LEAKS_SHOWN:
        table.caption = f"and {counted(len(leaks) - LEAKS_SHOWN, 'more domain')}"
    return table


def _registrable(leak: Leak) -> str:
    """Whether the domain can be registered, or the name of the parent domain that can."""
    if leak.registration == "none":
        return "no such suffix"
    if leak.registration == "restricted":
        return "restricted"
    return "yes" if leak.registrable == leak.tally.domain else clean(leak.registrable)


def _findings(result: Result) -> Table:
    words = [severity.word for severity in SEVERITIES_WORST_FIRST]
    table = _table("Findings under these rules", "rule", *words, "alerts")
    for rule in sorted({rule for rule, _ in result.findings.findings}):
        alerts = sum(count for (of, _), count in result.findings.alerts.items() if of == rule)
        counts = [
            Text(f"{result.findings.findings[rule, severity.word] or '':,}", style=SEVERITY_STYLES[severity])
            if result.findings.findings[rule, severity.word]
            else Text("")
            for severity in SEVERITIES_WORST_FIRST
        ]
        table.add_row(Text(clean(rule)), *counts, f"{alerts:,}")
    return table


def _thresholds(result: Result, typo: float) -> Table:
    table = _table("With another threshold", "threshold", "domains", "mails", "added or removed")
    for row in at_thresholds(result.totals, typo):
        style = "bold" if row.is_present else ""
        changed = Text("(current)" if row.is_present else ", ".join(map(clean, row.changed)))
        table.add_row(f"{row.threshold:.2f}", f"{row.domains:,}", f"{row.mails:,}", changed, style=style)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in columns:
        is_number = (
            column in ("mails", "delivered", "senders", "domains", "threshold", "alerts") or column in SEVERITIES
        )
        table.add_column(column, justify="right" if is_number else "left", overflow="fold")
    return table
