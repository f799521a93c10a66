"""What is written twice, for editors, for git and for package indexes, is the same in both places."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

import yaml

from tests.pythons import SUPPORTED

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_a_commit_is_checked_by_make_check_alone() -> None:
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    [hook] = [hook for repository in configuration["repos"] for hook in repository["hooks"]]
    assert (hook["entry"], hook["language"], hook["pass_filenames"], hook["always_run"]) == (
        "make check",
        "system",
        False,
        True,
    )


def test_editors_and_ruff_have_the_same_line_length() -> None:
    editors = configparser.ConfigParser()
    editors.read_string("[top]\n" + (ROOT / ".editorconfig").read_text())
    assert editors.getint("*.py", "max_line_length") == PYPROJECT["tool"]["ruff"]["line-length"]


def test_the_pythons_that_are_tested_are_those_that_are_promised() -> None:
    project = PYPROJECT["project"]
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    assert tuple(promised) == SUPPORTED
    assert project["requires-python"] == f">={SUPPORTED[0]}"
    assert PYPROJECT["tool"]["ruff"]["target-version"] == f"py{SUPPORTED[0].replace('.', '')}"
