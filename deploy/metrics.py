"""Writes docs/metrics.md from the metrics that workers and gates export: `python -m deploy.metrics`."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from streams.metrics import GateMetrics, Metrics

PATH = Path(__file__).parents[1] / "docs" / "metrics.md"
HEAD = """\
# Metrics

Every metric that a worker or a gate exports at `/metrics`, written from the code (`python -m deploy.metrics`). What to
watch is in [run.md](run.md#metrics). The last of them, those of the gate, only a gate exports.

Units are seconds and bytes. No label contains an address, a domain or a subject. Label values that are known in advance
start at 0, so that the first increase counts in a rate. `source` is a feed named in the setting `sources`, or `other`.
The usual `process_*` and `python_*` metrics are exported too.

The [dashboard](../deploy/grafana/straymail.json) and the [rules](../deploy/prometheus/rules.yaml) use every one
of them. The lag in the alerts is not in this list, nor is what is committed: they are Kafka's own figures
(`kafka_consumergroup_lag`, `kafka_consumergroup_current_offset`), so that they are available even when no worker runs.

| metric | type | labels | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The page's text."""
    rows, metrics = [], Metrics("0")
    of_gates = GateMetrics(metrics, protocols=(), decisions=(), faults=())
    for metric in (*vars(metrics).values(), *vars(of_gates).values()):
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            rows.append(f"| `{name}` | {family.type} | {labels} | {family.documentation} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
