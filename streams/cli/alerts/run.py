"""The work of `straymail alerts`: reads, filters and shows mail.alerts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rich.console import Console

from streams.cli.alerts.change_line import change_line, header_line
from streams.cli.alerts.csv import write_csv
from streams.cli.shared.output import write_json
from streams.cli.shared.tables import alert_table, at_least_line, total_line
from streams.cli.shared.topics import report_skipped, start_of
from streams.config import Settings
from streams.did_you_mean import or_list
from streams.errors import UnreadableRecord, UsageError
from streams.events.alert_view import AlertView, read_alert
from streams.kafka.clients.read import KafkaRecord, follow, read_to_end
from streams.kafka.topics.names import topic_names
from streams.severity import SEVERITIES


class AlertRecord(NamedTuple):
    """An alert: its encoded value, and the same decoded."""

    value: bytes
    view: AlertView


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Criteria for alerts: lowest severity, rule, first digits of the finding's uid; None matches all."""

    severity: str | None = None
    rule: str | None = None
    finding: str | None = None

    def matches(self, view: AlertView) -> bool:
        """Whether the alert meets all criteria."""
        return self.matches_finding(view) and (self.severity is None or view.severity >= SEVERITIES[self.severity])

    def matches_finding(self, view: AlertView) -> bool:
        """Whether another state of the alert's finding may match: its rule and uid do, which never change."""
        return self.rule in (None, view.rule) and view.uid.startswith(self.finding or "")


def show_alerts(settings: Settings, wanted: AlertFilter, since: int | None, form: str, *, every: bool) -> int:
    """Show the newest state of each finding, or every state, oldest first, in this form (`table`, `json`, `csv`).

    In a table of findings the worst come first. Returns the exit code; raises UsageError for a rule that is neither
    configured nor has an alert.
    """
    candidates = (alert for alert in stored_alerts(settings, since) if wanted.matches_finding(alert.view))
    states = list(candidates) if every else newest_states(candidates)
    if not states:
        _check_rule(settings, wanted.rule)
    chosen = sorted((alert for alert in states if wanted.matches(alert.view)), key=_order)
    if form != "table":
        _write_to_a_program(chosen, form)
        return 0
    console = Console()
    views = [alert.view for alert in (chosen if every else sorted(chosen, key=_worst_first))]
    console.print(alert_table(views, console))
    if (legend := at_least_line(views)) is not None:
        console.print(legend)
    console.print(total_line(len(chosen), "state" if every else "finding"))
    return 0


def follow_alerts(settings: Settings, wanted: AlertFilter, since: int | None, form: str) -> int:
    """Show each new state, after those published since (ms), until interrupted. Returns the exit code; raises
    UsageError for a rule that is not configured."""
    _check_rule(settings, wanted.rule)
    start = "end" if since is None else start_of(since)
    records = follow(settings, topic_names(settings).alerts, start=start)
    chosen = (alert for alert in alerts_in(records) if wanted.matches(alert.view))
    if form != "table":
        _write_to_a_program(chosen, form)
        return 0
    console = Console()
    console.print(header_line())
    for alert in chosen:
        console.print(change_line(alert.view, console))
    return 0


def _check_rule(settings: Settings, name: str | None) -> None:
    rules = [rule.name for rule in settings.findings.rules]
    if name is not None and name not in rules:
        raise UsageError(f"there is no rule {name!r}: {or_list(name, rules)}")


def stored_alerts(settings: Settings, since: int | None = None) -> Iterator[AlertRecord]:
    """Every state in mail.alerts now, or only those published since (ms). Raises BrokerError."""
    return alerts_in(read_to_end(settings, topic_names(settings).alerts, start=start_of(since)))


def alerts_in(records: Iterable[KafkaRecord]) -> Iterator[AlertRecord]:
    """The alerts among the records; any other record is reported on stderr, without its content."""
    for record in records:
        if record.value is None:
            continue
        try:
            yield AlertRecord(record.value, read_alert(record.value))
        except UnreadableRecord:
            report_skipped(record, "alert of straymail's")


def newest_states(alerts: Iterable[AlertRecord]) -> list[AlertRecord]:
    """For each finding, its state with the highest sequence."""
    newest: dict[str, AlertRecord] = {}
    for alert in alerts:
        present = newest.get(alert.view.uid)
        if present is None or alert.view.sequence >= present.view.sequence:
            newest[alert.view.uid] = alert
    return list(newest.values())


def _write_to_a_program(alerts: Iterable[AlertRecord], form: str) -> None:
    if form == "csv":
        write_csv((alert.view for alert in alerts), sys.stdout.buffer)
        return
    for alert in alerts:
        write_json(alert.value)


def _worst_first(alert: AlertRecord) -> tuple[int, int, int]:
    return -alert.view.severity, -alert.view.count, -alert.view.last_seen_ms


def _order(alert: AlertRecord) -> tuple[int, str, int]:
    return alert.view.time_ms, alert.view.uid, alert.view.sequence
