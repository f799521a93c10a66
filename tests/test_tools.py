"""The files that configure editors and git say what pyproject.toml and the Makefile say."""

from __future__ import annotations

import configparser
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


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
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]
    assert editors.getint("*.py", "max_line_length") == ruff["line-length"]
