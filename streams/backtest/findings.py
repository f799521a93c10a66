"""What the alerts come to: findings by rule and severity, and the worst of them."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from streams.backtest.score import DAY_MS
from streams.events.alert_view import AlertView, read_alert
from streams.events.finding import FINAL

WORST_KEPT = 50


@dataclass
class FindingsTally:
    """Takes every alert in order. Findings are judged by their last state; memory holds those whose window is open."""

    alerts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Alerts by rule and activity."""
    raised_by_day: Counter[int] = field(default_factory=Counter)
    """Alerts that call for somebody (new, or of a higher severity), by the day of their event time."""
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Findings by rule and their last severity."""
    by_day: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Findings by the day on which they were first seen and their last severity."""
    alone: Counter[str] = field(default_factory=Counter)
    """Findings that rest on one domain alone, by domain."""

    def __post_init__(self) -> None:
        self._open: dict[str, AlertView] = {}
        self._worst: list[tuple[tuple[int, int, str], AlertView]] = []

    def add(self, value: bytes) -> None:
        """Count an alert in."""
        view = read_alert(value)
        self.alerts[view.rule, view.activity] += 1
        if view.is_alert:
            self.raised_by_day[view.last_seen_ms // DAY_MS] += 1
        if view.window == FINAL:
            self._open.pop(view.uid, None)
            self._end(view)
        else:
            self._open[view.uid] = view

    @property
    def worst(self) -> list[AlertView]:
        """The worst findings, the very worst first."""
        return [view for _, view in sorted(self._worst, key=lambda entry: entry[0], reverse=True)]

    def _end(self, view: AlertView) -> None:
        self.findings[view.rule, view.severity.word] += 1
        self.by_day[view.first_seen_ms // DAY_MS, view.severity.word] += 1
        if view.domain_count == 1:
            self.alone[view.domain] += 1
        entry = ((int(view.severity), view.count, view.uid), view)
        if len(self._worst) < WORST_KEPT:
            heapq.heappush(self._worst, entry)
        else:
            heapq.heappushpop(self._worst, entry)
