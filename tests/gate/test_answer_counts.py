"""Answers in the metrics and in the log."""

from __future__ import annotations

import logging

import pytest

from streams.gate.answer_counts import SINCE, AnswerCounts
from streams.gate.question import FAULTS, Answer
from streams.metrics import Metrics
from tests.gate.gates import gate_metrics


def test_each_fault_has_a_sentence() -> None:
    assert set(SINCE) == set(FAULTS)


def test_answers_are_counted_and_faults_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics("test")
    counts, value = AnswerCounts(gate_metrics(metrics)), metrics.registry.get_sample_value
    counts.add("policy", [Answer("a", "pass", "no-slip"), Answer("b", "pass", "store")], 0.01)
    assert value("straymail_gate_decisions_total", {"protocol": "policy", "decision": "no-slip"}) == 1
    assert value("straymail_gate_decisions_total", {"protocol": "policy", "decision": "fault"}) == 1
    assert value("straymail_gate_faults_total", {"reason": "store"}) == 1
    counts.add_too_big("milter", 1_001)
    assert value("straymail_gate_faults_total", {"reason": "size"}) == 1_001
    assert value("straymail_gate_decisions_total", {"protocol": "milter", "decision": "fault"}) == 1_001
    assert value("straymail_gate_seconds_count", {"protocol": "policy"}) == 1
    with caplog.at_level(logging.WARNING):
        counts.report()
        counts.report()
    assert len(caplog.records) == 2
