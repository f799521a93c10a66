"""Summary of the demo in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from streams.cli.demo.exposition import by_label, total
from streams.cli.publish.run import PublishResult
from streams.cli.shared.tables import severity_text
from streams.events.alert_view import AlertView


def summary(metrics: str, findings: Sequence[AlertView], published: PublishResult) -> Table:
    """Table of figures, from the worker's metrics page and the newest state of each finding."""
    read = total(metrics, "straymail_events_total")
    busy = total(metrics, "straymail_batch_seconds_sum", step="score")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row("events", f"{read:,.0f} read in {published.seconds:.1f} s, as they were published")
    table.add_row("", f"{read / busy:,.0f} a second while the worker was busy ({busy:.2f} s)" if busy else "")
    table.add_row("events by outcome", _counts(by_label(metrics, "straymail_events_total", "outcome")))
    table.add_row("typo hits by slip", _counts(by_label(metrics, "straymail_typo_hits_total", "slip")))
    table.add_row("findings by severity", _severities(findings))
    table.add_row(
        "alerts", f"{total(metrics, 'straymail_alerts_total'):,.0f}, one for each change of a finding in a batch"
    )
    table.add_row("dead letters", _counts(by_label(metrics, "straymail_dead_letters_total", "reason")))
    return table


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _severities(findings: Sequence[AlertView]) -> Text:
    counts = Counter(finding.severity for finding in findings)
    parts = [
        Text.assemble(f"{counts[severity]:,} ", severity_text(severity)) for severity in sorted(counts, reverse=True)
    ]
    return Text(", ").join(parts) if parts else Text("none")
