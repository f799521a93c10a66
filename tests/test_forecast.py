"""The first line of a run, and the figures that it stands on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forecast import Forecast, Measured
from tests.groups import GROUPS

ROOT = Path(__file__).parents[1]
FORECAST = Forecast("2026-01-02", "2 cores", {"quick": Measured(2_000, 50), "kafka": Measured(100, 300)})
TESTS = """
import pytest

@pytest.fixture
def postfix(): pass

def test_one(): pass
def test_two(): pass
def test_mail(postfix): pass
"""


@pytest.mark.parametrize(
    ("counts", "processes", "shown"),
    [
        ({"quick": 2_000}, 1, "2,000 tests: 2,000 quick (50 s); about 50 s in all"),
        ({"quick": 2_000}, 2, "2,000 tests: 2,000 quick (25 s); about 25 s in all"),
        ({"quick": 1_000, "kafka": 50}, 1, "1,050 tests: 1,000 quick (25 s), 50 kafka (2 min); about 3 min in all"),
        ({"image": 7}, 1, "7 tests: 7 image (0 s); about 0 s in all"),
    ],
)
def test_the_line(counts: dict[str, int], processes: int, shown: str) -> None:
    assert FORECAST.line(counts, processes) == f"{shown}, as on 2026-01-02, 2 cores"


@pytest.mark.process
def test_a_group_is_measured_when_all_its_tests_have_run(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  quick\n  mail\n")
    path = tmp_path / "forecast.json"
    path.write_text(json.dumps({"date": "", "machine": "", "groups": {"mail": {"tests": 7, "seconds": 9}}}))
    options = ["-p", "tests.conftest", "--write-forecast", str(path), "-m", "quick"]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=100)
    written = Forecast.load(path)
    assert list(written.groups) == ["quick", "mail"]
    assert written.groups["mail"] == Measured(7, 9)
    assert (written.groups["quick"].tests, written.groups["quick"].seconds < 5) == (2, True)
    assert written.date
    assert f"Python {sys.version_info[0]}.{sys.version_info[1]}" in written.machine


def test_the_committed_figures_are_of_every_group() -> None:
    assert list(Forecast.load().groups) == list(GROUPS)
