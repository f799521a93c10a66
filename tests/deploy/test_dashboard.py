"""The dashboard is what its script makes, and it shows what the workers export."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.grafana.dashboard import PATH, dashboard
from tests.deploy.promql import exported, named, rules
from tests.deploy.test_rules import sections

BOARD: dict[str, Any] = json.loads(PATH.read_text())
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]


def test_the_file_is_what_the_script_makes() -> None:
    assert dashboard() == PATH.read_text(), "run: python -m deploy.grafana.dashboard"


def test_every_metric_is_on_a_panel_or_in_a_rule() -> None:
    assert exported() - named() == set()


def test_every_metric_on_a_panel_or_in_a_rule_is_exported() -> None:
    assert named() - exported() == set()


def test_there_is_a_variable_for_data_source_namespace_and_job() -> None:
    assert [variable["name"] for variable in BOARD["templating"]["list"]] == ["datasource", "namespace", "job"]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_explains_itself(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"]["uid"] == "${datasource}"
    for target in panel["targets"]:
        assert target["legendFormat"]
        assert target["datasource"]["uid"] == "${datasource}"


def test_links_lead_to_sections_of_the_runbook() -> None:
    anchors = {link["url"].partition("#")[2] for panel in PANELS for link in panel.get("links", [])}
    assert len(anchors) > 5
    assert anchors <= sections().keys()


def test_no_two_panels_lie_over_each_other() -> None:
    cells = [
        (panel["gridPos"]["x"] + dx, panel["gridPos"]["y"] + dy)
        for panel in BOARD["panels"]
        for dx in range(panel["gridPos"]["w"])
        for dy in range(panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_recorded_series_are_used() -> None:
    expressions = " ".join(rule["expr"] for rule in rules())
    for rule in rules():
        if "record" in rule:
            assert rule["record"] in expressions, f"nothing uses {rule['record']}"
