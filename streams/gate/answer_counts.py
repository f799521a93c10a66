"""Counts and times answers, and reports in the log what passed for a fault."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

from streams.counted import counted
from streams.gate.question import GATE_PROTOCOLS, WHYS, Answer, GateProtocol, Why
from streams.metrics import GateMetrics

log = logging.getLogger(__name__)

FAULT = "fault"
"""What `decision` is in the metrics for every fault."""
SINCE: Mapping[str, str] = {
    "watchlist": "there is no valid watchlist",
    "memory": "the memory is not restored yet",
    "store": "what was asked could not be stored in time",
    "deadline": "judging took longer than gate.deadline",
    "size": "the mail or the request was too big, or others took all room for mails",
    "error": "of an unexpected error",
}


class AnswerCounts:
    """The counts of one gate."""

    def __init__(self, metrics: GateMetrics) -> None:
        self._metrics = metrics
        self._faults = Counter[str]()
        self._observe = {protocol: metrics.seconds.labels(protocol).observe for protocol in GATE_PROTOCOLS}
        decisions = metrics.decisions
        self._count = {
            (protocol, why): decisions.labels(protocol, FAULT if why in SINCE else why).inc
            for protocol in GATE_PROTOCOLS
            for why in WHYS
        }

    def add(self, protocol: GateProtocol, answers: Sequence[Answer], seconds: float) -> None:
        """Add the answers to one question."""
        self._observe[protocol](seconds)
        for answer in answers:
            self._add(protocol, answer.why, 1)

    def add_too_big(self, protocol: GateProtocol, recipients: int) -> None:
        """Add so many recipients of a mail that was too big."""
        self._add(protocol, "size", recipients)

    def _add(self, protocol: GateProtocol, why: Why, recipients: int) -> None:
        self._count[protocol, why](recipients)
        if why in SINCE:
            self._faults[why] += recipients
            self._metrics.faults.labels(why).inc(recipients)

    def report(self) -> None:
        """Log what passed for faults since the last call."""
        for fault, number in self._faults.items():
            log.warning("%s passed without a judgement, since %s", counted(number, "recipient"), SINCE[fault])
        self._faults.clear()
