"""`straymail watchlist lint`, run as a command."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import RunCommand


def test_lint(watchlist: Path, run: RunCommand) -> None:
    assert run("watchlist", "lint", str(watchlist)).exit_code == 0
    watchlist.write_text("watched: [army.mil, hq.army.mil]\n")
    done = run("watchlist", "lint", str(watchlist))
    assert done.exit_code == 1
    assert done.rows[0]["subject"] == "hq.army.mil"
    watchlist.write_text("watched: [")
    assert run("watchlist", "lint", str(watchlist)).exit_code == 2
