"""The alert rules: promtool runs their unit tests, and each alert has all that it needs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus" / "rules.yaml"
UNIT_TESTS = RULES.with_name("rules_test.yaml")
RUNBOOK = ROOT / "docs" / "runbook.md"


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def sections() -> dict[str, str]:
    """The runbook's sections by the anchor of their heading."""
    parts = re.split(r"^### (.+)$", RUNBOOK.read_text(), flags=re.MULTILINE)
    return dict(zip((title.strip().lower() for title in parts[1::2]), parts[2::2], strict=True))


def test_promtool_takes_the_rules(promtool: str) -> None:
    run = subprocess.run([promtool, "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.process
def test_the_unit_tests_of_the_rules(promtool: str) -> None:
    run = subprocess.run([promtool, "test", "rules", UNIT_TESTS], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("alert", alerts(), ids=lambda alert: alert["alert"])
def test_an_alert_is_whole(alert: dict[str, Any]) -> None:
    name = alert["alert"]
    assert alert["labels"]["severity"] in ("critical", "warning", "info")
    assert alert["labels"]["team"] in ("operations", "soc")
    assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"docs/runbook.md#{name.lower()}"


@pytest.mark.parametrize("name", [alert["alert"] for alert in alerts()])
def test_the_runbook_has_what_it_means_how_to_look_and_how_to_fix_it(name: str) -> None:
    section = sections()[name.lower()]
    for heading in ("**Means.**", "**Look.**", "**Fix.**"):
        assert heading in section, f"{name} has no {heading}"


def test_the_runbook_has_no_section_for_an_alert_that_is_gone() -> None:
    assert {anchor for anchor in sections() if anchor.startswith("straymail")} == {
        alert["alert"].lower() for alert in alerts()
    }


@pytest.mark.parametrize("name", [alert["alert"] for alert in alerts()])
def test_a_unit_test_sees_it_fire(name: str) -> None:
    cases = [
        case["exp_samples"]
        for test in yaml.safe_load(UNIT_TESTS.read_text())["tests"]
        for case in test["promql_expr_test"]
        if f'alertname="{name}"' in case["expr"]
    ]
    assert any(cases), f"{name} never fires in the unit tests"


def test_hits_go_to_the_soc_and_page_nobody() -> None:
    (surge,) = [alert for alert in alerts() if alert["alert"] == "StraymailHitSurge"]
    assert surge["labels"] == {"severity": "info", "team": "soc"}
