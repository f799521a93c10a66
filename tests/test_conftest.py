"""What can't run is skipped, and fails where everything has to run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[1]
TESTS = """
import pytest

def test_that_can_not_run():
    pytest.skip("no such tool")

@pytest.fixture(scope="session")
def tool():
    pytest.skip("no such tool")

def test_whose_fixture_can_not_run(tool):
    pass

@pytest.mark.xfail(strict=True)
def test_of_a_known_fault():
    assert False
"""


@pytest.mark.parametrize(
    ("required", "status", "summary"),
    [("", 0, "2 skipped, 1 xfailed"), ("all", 1, "1 failed, 1 xfailed, 1 error")],
)
def test_a_skip_fails_where_all_is_required(tmp_path: Path, required: str, status: int, summary: str) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = quick\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rsfE", str(tmp_path)]
    environment = os.environ | {"STRAYMAIL_REQUIRE": required}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert run.returncode == status, run.stdout
    assert summary in run.stdout
    assert "no such tool" in run.stdout
