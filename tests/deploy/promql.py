"""The PromQL of dashboard and rules, and the metrics that it names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from deploy.grafana.panels import expressions
from streams.metrics import GateMetrics, Metrics

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules.yaml"
UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
SUFFIX = re.compile(r"_(total|bucket|sum|count)$")


def rules() -> list[dict[str, Any]]:
    """Every recording rule and alert."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panel_queries() -> list[str]:
    """Every expression of the dashboard, with values in its variables' places as Grafana puts them."""
    values = {"$__rate_interval": "1m", "$__interval": "1m", "$__range": "1h", "$namespace": ".*", "$job": ".*"}
    queries = []
    for query in expressions():
        for name, value in values.items():
            query = query.replace(name, value)
        assert "$" not in query, query
        queries.append(query)
    return queries


def named() -> set[str]:
    """The metrics of straymail that a panel or a rule names."""
    text = "\n".join([*panel_queries(), *(rule["expr"] for rule in rules())])
    return {SUFFIX.sub("", name) for name in re.findall(r"\bstraymail_\w+", text)}


def exported() -> set[str]:
    """The metrics of straymail that a worker or a gate exports."""
    metrics = Metrics("0")
    GateMetrics(metrics, protocols=(), decisions=(), faults=())
    families = metrics.registry.collect()
    return {family.name for family in families if family.name.startswith("straymail_")}


def always_true_or_false(expr: str) -> str:
    """An alert's expression that gives 0 or 1 instead of nothing, so that no data shows as no result; and that looks
    back no further than a test can wait."""
    there = re.sub(r"absent\((.*)\)", r"\1", expr).replace("offset 15m", "offset 1s")
    return re.sub(r"(?<=\s)(==|!=|>=|<=|>|<)(?=\s)", r"\1 bool", there)


def hurried(rule: dict[str, Any], times: int) -> dict[str, Any]:
    """The rule with every time that it looks back, or waits before it fires, shortened so many times."""

    def shorter(text: str) -> str:
        return re.sub(r"(?<![\w.])(\d+)([smhd])(?!\w)", lambda m: f"{int(m[1]) * UNIT_MS[m[2]] // times}ms", text)

    hurried = rule | {"expr": shorter(rule["expr"])}
    return hurried | {"for": shorter(rule["for"])} if "for" in rule else hurried
