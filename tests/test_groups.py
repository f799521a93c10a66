"""The groups that tests are in, and the order of a run."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.groups import FIXTURES, GROUPS

ROOT = Path(__file__).parents[1]
TESTS = """
import pytest

@pytest.fixture
def postfix(): pass

@pytest.fixture
def kafka_jars(): pass

@pytest.fixture
def broker(kafka_jars): pass

def test_mail_on_kafka(postfix, broker): pass
def test_alone(): pass
def test_mail(postfix): pass
@pytest.mark.process
def test_a_command(): pass
def test_alone_too(): pass
"""


def collected(folder: Path, *arguments: str) -> list[str]:
    (folder / "test_some.py").write_text(TESTS)
    (folder / "pytest.ini").write_text(f"[pytest]\nmarkers =\n  {chr(10).join(f'  {name}' for name in GROUPS)}\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "--collect-only", "-q", *arguments, str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)
    return re.findall(r"::(\w+)", run.stdout)


@pytest.mark.process
def test_what_costs_least_comes_first_and_a_group_keeps_its_order(tmp_path: Path) -> None:
    order = ["test_alone", "test_alone_too", "test_a_command", "test_mail", "test_mail_on_kafka"]
    assert collected(tmp_path) == order


@pytest.mark.process
def test_quick_is_what_no_other_marker_names(tmp_path: Path) -> None:
    assert collected(tmp_path, "-m", "quick") == ["test_alone", "test_alone_too"]


def test_every_group_is_a_marker_in_this_order() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert [marker.partition(":")[0] for marker in options["markers"]] == list(GROUPS)


def test_contributing_explains_each_group() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    assert explained == list(GROUPS)


def test_the_fixtures_are_there() -> None:
    code = "".join(path.read_text() for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    defined = set(re.findall(r"@pytest\.fixture.*\ndef (\w+)\(", code))
    assert defined >= {fixture for fixtures in FIXTURES.values() for fixture in fixtures}
