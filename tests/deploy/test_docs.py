"""What is written from code and values is as they are now."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.metrics import PATH, page
from streams.config import Settings
from tests.deploy.chart import CHART, render
from tests.deploy.plane.build import tool

ROOT = Path(__file__).parents[2]


def test_the_page_of_metrics() -> None:
    assert page() == PATH.read_text(), "run: python -m deploy.metrics"


@pytest.mark.usefixtures("helm_tool")
def test_the_readme_of_the_chart(tmp_path: Path) -> None:
    copy = tmp_path / "helm"
    shutil.copytree(CHART, copy, ignore=shutil.ignore_patterns("README.md"))
    options = ["--template-files", "README.md.gotmpl", "--sort-values-order", "file"]
    subprocess.run([tool("helm-docs"), "--chart-search-root", copy, *options], check=True, capture_output=True)
    assert (copy / "README.md").read_text() == (CHART / "README.md").read_text(), f"run helm-docs {' '.join(options)}"


@pytest.mark.usefixtures("helm_tool")
@pytest.mark.parametrize("path", [ROOT / "docs" / "operate.md", CHART / "README.md"], ids=lambda path: path.name)
def test_the_values_that_the_documentation_shows_can_be_installed(path: Path) -> None:
    (first, *_) = re.findall(r"```yaml\n(.*?)```", path.read_text(), flags=re.DOTALL)
    assert render(yaml.safe_load(first))


def test_every_value_is_explained() -> None:
    rows = [line for line in (CHART / "README.md").read_text().splitlines() if line.startswith("| ")]
    assert len(rows) > 60
    assert [row for row in rows if row.endswith("|  |")] == []


def test_the_partitions_of_the_chart_are_those_of_the_settings() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())["topics"]
    topics = Settings().topics
    assert (values["eventsPartitions"], values["hitsPartitions"], values["replicationFactor"]) == (
        topics.events_partitions,
        topics.hits_partitions,
        topics.replication_factor,
    )
