"""The metrics as Prometheus gets them."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.metrics import (
    GATE_OUTCOMES,
    MEMORY_ANSWERS,
    MEMORY_KINDS,
    MEMORY_SKIPPED,
    OUTCOMES,
    STEPS,
    GateMetrics,
    Metrics,
)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("1.2.3")


def started(metrics: Metrics) -> Metrics:
    metrics.start_at_zero(
        rules=iter(["day", "week"]),
        severities=["low", "high"],
        activities=["create"],
        slips=["omission"],
        reasons=["empty"],
        sources=["postfix"],
        topics=["mail.events"],
    )
    return metrics


def test_every_known_label_value_has_a_first_sample(metrics: Metrics) -> None:
    value = started(metrics).registry.get_sample_value
    for outcome in OUTCOMES:
        assert value("straymail_events_total", {"outcome": outcome}) == 0
    for rule in ("day", "week"):
        assert value("straymail_findings_open", {"rule": rule}) == 0
        for severity in ("low", "high"):
            labels = {"rule": rule, "severity": severity, "activity": "create"}
            assert value("straymail_alerts_total", labels) == 0
    for step in STEPS:
        assert value("straymail_batch_events_count", {"step": step}) == 0
    for cache in ("hit", "miss"):
        assert value("straymail_domains_scored_total", {"cache": cache}) == 0
    for kind in MEMORY_KINDS:
        assert value("straymail_memory_entries", {"kind": kind}) == 0
        assert value("straymail_memory_learned_total", {"kind": kind}) == 0
    for known_to in MEMORY_ANSWERS:
        assert value("straymail_memory_asked_total", {"known_to": known_to}) == 0
    for reason in MEMORY_SKIPPED:
        assert value("straymail_memory_records_skipped_total", {"reason": reason}) == 0
    assert value("straymail_typo_hits_total", {"slip": "omission"}) == 0
    assert value("straymail_dead_letters_total", {"reason": "empty"}) == 0
    assert value("straymail_last_event_timestamp_seconds", {"source": "postfix"}) == 0
    assert value("straymail_records_skipped_total", {"topic": "mail.events"}) == 0
    assert value("straymail_state_damaged", {"topic": "mail.events"}) == 0


def test_the_newest_event_of_a_source_never_goes_back(metrics: Metrics) -> None:
    for source, time_ms in [("a", 2_500), ("a", 1_000), ("b", 1_000)]:
        metrics.newest_event(source, time_ms)
    value = metrics.registry.get_sample_value
    assert value("straymail_last_event_timestamp_seconds", {"source": "a"}) == 2.5
    assert value("straymail_last_event_timestamp_seconds", {"source": "b"}) == 1


def test_the_exposition_is_prometheus_text_and_each_metric_has_words(metrics: Metrics) -> None:
    text, content_type = started(metrics).exposition()
    assert content_type.startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(text.decode())}
    ours = {name: family for name, family in families.items() if name.startswith("straymail_")}
    assert len(ours) > 15
    assert all(family.documentation.endswith(".") for family in ours.values())
    assert not any(sample.name.endswith("_created") for family in ours.values() for sample in family.samples)


def test_two_processes_parts_do_not_share_a_registry(metrics: Metrics) -> None:
    metrics.late_hits.inc()
    assert Metrics("1.2.3").registry.get_sample_value("straymail_late_hits_total") == 0


def test_those_of_a_gate_start_at_zero_too(metrics: Metrics) -> None:
    GateMetrics(metrics, protocols=["policy"], decisions=["asked", "fault"], faults=["store"])
    value = metrics.registry.get_sample_value
    assert value("straymail_gate_decisions_total", {"protocol": "policy", "decision": "asked"}) == 0
    assert value("straymail_gate_faults_total", {"reason": "store"}) == 0
    for outcome in GATE_OUTCOMES:
        assert value("straymail_gate_outcomes_total", {"outcome": outcome}) == 0
    for name in ("seconds_count", "connections", "bad_requests_total"):
        assert value(f"straymail_gate_{name}", {"protocol": "policy"}) == 0
