"""The work of `straymail alerts`: reads, filters and shows mail.alerts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rich.console import Console

from streams.cli.alerts.change_line import change_line
from streams.cli.alerts.csv import write_csv
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.tables import alert_table, at_least_line, total_line
from streams.cli.shared.topics import report_skipped, start_of
from streams.config import Settings
from streams.errors import UnreadableRecord
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


def show_alerts(
    settings: Settings, wanted: AlertFilter, since: int | None, *, as_json: bool, every: bool, as_csv: bool = False
) -> int:
    """Show the newest state of each finding, or every state, oldest first. Returns the exit code."""
    candidates = (alert for alert in stored_alerts(settings, since) if wanted.matches_finding(alert.view))
    states = list(candidates) if every else newest_states(candidates)
    chosen = sorted((alert for alert in states if wanted.matches(alert.view)), key=_order)
    if _write_to_a_program(chosen, as_json=as_json, as_csv=as_csv):
        return 0
    console = Console()
    views = [alert.view for alert in chosen]
    console.print(alert_table(views, console))
    if (legend := at_least_line(views)) is not None:
        console.print(legend)
    console.print(total_line(len(chosen), "state" if every else "finding"))
    return 0


def follow_alerts(
    settings: Settings, wanted: AlertFilter, since: int | None, *, as_json: bool, as_csv: bool = False
) -> int:
    """Show the states published so far (or since, in ms) and each new one until interrupted. Returns the exit code."""
    records = follow(settings, topic_names(settings).alerts, start=start_of(since))
    chosen = (alert for alert in alerts_in(records) if wanted.matches(alert.view))
    if _write_to_a_program(chosen, as_json=as_json, as_csv=as_csv):
        return 0
    console = Console()
    for alert in chosen:
        console.print(change_line(alert.view, console))
    return 0


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


def _write_to_a_program(alerts: Iterable[AlertRecord], *, as_json: bool, as_csv: bool) -> bool:
    """Write the alerts as CSV or lines of JSON; False where neither is wanted, so that they are shown to a person."""
    if as_csv:
        write_csv((alert.view for alert in alerts), sys.stdout.buffer)
    elif json_wanted(as_json):
        for alert in alerts:
            write_json(alert.value)
    else:
        return False
    return True


def _order(alert: AlertRecord) -> tuple[int, str, int]:
    return alert.view.time_ms, alert.view.uid, alert.view.sequence
