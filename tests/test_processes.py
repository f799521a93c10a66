"""A run on several processes shares out files, keeps whole groups together, and says at once how long it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.processes import WHOLE

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[1]
TESTS = """
import os
from pathlib import Path
import pytest

{mark}
@pytest.mark.parametrize("number", range(5))
def test_one(number):
    with Path("ran.txt").open("a") as ran:
        print(os.environ["PYTEST_XDIST_WORKER"], "{group}", file=ran)
"""


def test_files_are_shared_out_and_whole_groups_stay_together(tmp_path: Path) -> None:
    for group in ("quick", "kafka", "faults"):
        mark = "" if group == "quick" else f"@pytest.mark.{group}"
        for number in range(6):
            (tmp_path / f"test_{group}_{number}.py").write_text(TESTS.format(mark=mark, group=group))
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n quick\n kafka\n faults\n")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadscope", "-p", "tests.conftest"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=100
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "90 tests: 30 quick" in run.stdout
    processes = defaultdict(set)
    ran = [line.split() for line in (tmp_path / "ran.txt").read_text().splitlines()]
    for process, group in ran:
        processes[group].add(process)
    assert len(ran) == 90
    assert len(processes["quick"]) == 2
    assert len(processes["faults"]) == 1
    assert "faults" in WHOLE
    first, last = ([group for _, group in part] for part in (ran[:20], ran[-20:]))
    assert set(first) == {"quick"}
    assert set(last) <= {"kafka", "faults"}
