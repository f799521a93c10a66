"""Counts and times answers, and reports in the log what passed for a fault."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

from streams.counted import counted
from streams.gate.question import Answer, GateProtocol
from streams.metrics import GateMetrics

log = logging.getLogger(__name__)

FAULT = "fault"
"""What `decision` is in the metrics for every fault."""
SINCE: Mapping[str, str] = {
    "watchlist": "there is no valid watchlist",
    "memory": "the memory is not restored yet",
    "store": "what was asked could not be stored in time",
    "deadline": "judging took longer than gate.deadline",
    "error": "of an unexpected error",
}


class AnswerCounts:
    """The counts of one gate."""

    def __init__(self, metrics: GateMetrics) -> None:
        self._metrics = metrics
        self._faults = Counter[str]()

    def add(self, protocol: GateProtocol, answers: Sequence[Answer], seconds: float) -> None:
        """Add the answers to one question."""
        metrics = self._metrics
        metrics.seconds.labels(protocol).observe(seconds)
        for answer in answers:
            if answer.why in SINCE:
                self._faults[answer.why] += 1
                metrics.faults.labels(answer.why).inc()
                metrics.decisions.labels(protocol, FAULT).inc()
            else:
                metrics.decisions.labels(protocol, answer.why).inc()

    def report(self) -> None:
        """Log what passed for faults since the last call."""
        for fault, number in self._faults.items():
            log.warning("%s passed without a judgement, since %s", counted(number, "recipient"), SINCE[fault])
        self._faults.clear()
