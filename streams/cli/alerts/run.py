"""Alerts from mail.alerts, chosen and shown."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rich.console import Console

from streams.cli.alerts.change_line import change_line
from streams.cli.alerts.csv import write_csv
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.tables import alert_table, counted
from streams.cli.shared.topics import pass_over, start_of
from streams.config import Settings
from streams.errors import UnreadableRecord
from streams.events.alert_view import AlertView, read_alert
from streams.kafka.clients.read import KafkaRecord, follow, read_to_end
from streams.kafka.topics.names import topic_names
from streams.severity import SEVERITIES


class AlertRecord(NamedTuple):
    """An alert as it came, and what it says."""

    value: bytes
    view: AlertView


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which alerts: from this severity up, of this rule, of the findings whose uid begins so; None asks for nothing."""

    severity: str | None = None
    rule: str | None = None
    finding: str | None = None

    def takes(self, view: AlertView) -> bool:
        """Whether the alert is wanted."""
        return self.may_take(view) and (self.severity is None or view.severity >= SEVERITIES[self.severity])

    def may_take(self, view: AlertView) -> bool:
        """Whether some state of its finding may be wanted: its severity changes, its uid and its rule don't."""
        return self.rule in (None, view.rule) and view.uid.startswith(self.finding or "")


def show_alerts(
    settings: Settings, wanted: AlertFilter, since: int | None, *, as_json: bool, every: bool, as_csv: bool = False
) -> int:
    """What is there now, the newest state of each finding or every state, oldest first; returns the exit status."""
    candidates = (alert for alert in stored_alerts(settings, since) if wanted.may_take(alert.view))
    states = list(candidates) if every else newest_states(candidates)
    chosen = sorted((alert for alert in states if wanted.takes(alert.view)), key=_order)
    if as_csv:
        write_csv((alert.view for alert in chosen), sys.stdout.buffer)
        return 0
    if json_wanted(as_json):
        _write(chosen)
        return 0
    console = Console()
    console.print(alert_table([alert.view for alert in chosen], console))
    console.print(counted(len(chosen), "state" if every else "finding"))
    return 0


def follow_alerts(
    settings: Settings, wanted: AlertFilter, since: int | None, *, as_json: bool, as_csv: bool = False
) -> int:
    """Each state that is there, or was published since, and each that comes, until interrupted."""
    records = follow(settings, topic_names(settings).alerts, start=start_of(since))
    chosen = (alert for alert in alerts_in(records) if wanted.takes(alert.view))
    if as_csv:
        write_csv((alert.view for alert in chosen), sys.stdout.buffer)
        return 0
    if json_wanted(as_json):
        _write(chosen)
        return 0
    console = Console()
    for alert in chosen:
        console.print(change_line(alert.view, console))
    return 0


def stored_alerts(settings: Settings, since: int | None = None) -> Iterator[AlertRecord]:
    """Every state that is in mail.alerts now, or that was published since (integer ms). Raises BrokerError."""
    return alerts_in(read_to_end(settings, topic_names(settings).alerts, start=start_of(since)))


def alerts_in(records: Iterable[KafkaRecord]) -> Iterator[AlertRecord]:
    """The alerts among the records; a record that is none is told on stderr, without its content."""
    for record in records:
        if record.value is None:
            continue
        try:
            yield AlertRecord(record.value, read_alert(record.value))
        except UnreadableRecord:
            pass_over(record, "alert of straymail's")


def newest_states(alerts: Iterable[AlertRecord]) -> list[AlertRecord]:
    """The state of each finding with the highest sequence."""
    newest: dict[str, AlertRecord] = {}
    for alert in alerts:
        known = newest.get(alert.view.uid)
        if known is None or alert.view.sequence >= known.view.sequence:
            newest[alert.view.uid] = alert
    return list(newest.values())


def _write(alerts: Iterable[AlertRecord]) -> None:
    for alert in alerts:
        write_json(alert.value)


def _order(alert: AlertRecord) -> tuple[int, str, int]:
    return alert.view.time_ms, alert.view.uid, alert.view.sequence
