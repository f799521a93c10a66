"""Tallies alerts into findings by rule and severity, and keeps the worst findings."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

from streams.backtest.score import DAY_MS
from streams.events.alert_view import AlertView, read_alert
from streams.events.finding import FINAL

MAX_WORST = 50


@dataclass
class FindingsTally:
    """Tally of all alerts, added in order. A finding counts by its last state; only open ones are kept in memory."""

    alerts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Number of alerts by rule and activity."""
    raised_by_day: Counter[int] = field(default_factory=Counter)
    """Number of alerts that need attention (a new finding, or a higher severity), by day in event time."""
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Number of findings by rule and last severity."""
    by_day: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Number of findings by the day on which they were first seen and last severity."""
    alone: Counter[str] = field(default_factory=Counter)
    """Number of findings about a single domain, by domain."""

    def __post_init__(self) -> None:
        self._open: dict[str, AlertView] = {}
        self._worst: list[tuple[tuple[int, int, str], AlertView]] = []

    def add(self, value: bytes) -> None:
        """Count an encoded alert."""
        view = read_alert(value)
        self.alerts[view.rule, view.activity] += 1
        if view.is_alert:
            self.raised_by_day[view.last_seen_ms // DAY_MS] += 1
        if view.window == FINAL:
            self._open.pop(view.uid, None)
            self._count_final(view)
        else:
            self._open[view.uid] = view

    @property
    def worst(self) -> list[AlertView]:
        """The worst findings, by severity and count, worst first."""
        return [view for _, view in sorted(self._worst, key=lambda entry: entry[0], reverse=True)]

    def _count_final(self, view: AlertView) -> None:
        self.findings[view.rule, view.severity.word] += 1
        self.by_day[view.first_seen_ms // DAY_MS, view.severity.word] += 1
        if view.domain_count == 1:
            self.alone[view.domain] += 1
        entry = ((int(view.severity), view.count, view.uid), view)
        if len(self._worst) < MAX_WORST:
            heapq.heappush(self._worst, entry)
        else:
            heapq.heappushpop(self._worst, entry)
