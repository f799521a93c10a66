"""Parsing a worker's metrics."""

from __future__ import annotations

from streams.cli.demo.exposition import Sample, by_label, samples, total

TEXT = """# HELP straymail_events_total Mail events read, by what became of them.
# TYPE straymail_events_total counter
straymail_events_total{outcome="scored"} 1898.0
straymail_events_total{outcome="bounce"} 19.0
straymail_events_total{outcome="not-ours"} 0.0
straymail_alerts_total{activity="create",rule="a, \\"b\\"",severity="low"} 2.0
straymail_alerts_total{activity="update",rule="a, \\"b\\"",severity="low"} 3.0
straymail_ready 1.0
straymail_event_age_seconds_bucket{le="+Inf"} 1e+06
"""


def test_samples() -> None:
    found = list(samples(TEXT))
    assert len(found) == 7
    assert found[0] == Sample("straymail_events_total", {"outcome": "scored"}, 1898.0)
    assert found[3].labels == {"activity": "create", "rule": 'a, \\"b\\"', "severity": "low"}
    assert found[-2:] == [
        Sample("straymail_ready", {}, 1.0),
        Sample("straymail_event_age_seconds_bucket", {"le": "+Inf"}, 1e6),
    ]


def test_counts_by_label_leave_zeros_out() -> None:
    assert by_label(TEXT, "straymail_events_total", "outcome") == {"scored": 1898, "bounce": 19}
    assert by_label(TEXT, "straymail_alerts_total", "severity") == {"low": 5}
    assert by_label(TEXT, "straymail_nosuch", "severity") == {}


def test_totals() -> None:
    assert total(TEXT, "straymail_events_total") == 1917
    assert total(TEXT, "straymail_alerts_total", activity="update") == 3
    assert total(TEXT, "straymail_nosuch") == 0
