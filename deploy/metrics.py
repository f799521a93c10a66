"""Writes docs/metrics.md from the metrics that a worker exports: `python -m deploy.metrics`."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from streams.metrics import Metrics

PATH = Path(__file__).parents[1] / "docs" / "metrics.md"
HEAD = """\
# Metrics

What a worker serves at `/metrics`, written from the code (`python -m deploy.metrics`). Units are seconds and bytes. No
label holds an address, a domain or a subject. Label values that are known beforehand start at 0, so that a rate has a
beginning. `source` is a feed named in the setting `sources`, or `other`. Beside these there are the usual `process_*`
and `python_*`.

The [dashboard](../deploy/grafana/straymail.json) and the [rules](../deploy/prometheus/rules.yaml) name every one of
them. The lag in the alerts is not here: it is Kafka's own figure (`kafka_consumergroup_lag`), so that it speaks when no
worker does.

| metric | type | labels | meaning |
|---|---|---|---|
"""


def page() -> str:
    """The page's text."""
    rows = []
    for metric in vars(Metrics("0")).values():
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            rows.append(f"| `{name}` | {family.type} | {labels} | {family.documentation} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
