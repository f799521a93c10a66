"""`straymail watchlist lint`, run as a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import RunCommand


def test_lint(watchlist: Path, run: RunCommand) -> None:
    assert run("watchlist", "lint", str(watchlist)).exit_code == 0
    watchlist.write_text("watched: [army.mil, hq.army.mil]\n")
    done = run("watchlist", "lint", str(watchlist))
    assert done.exit_code == 1
    assert done.rows[0]["subject"] == "hq.army.mil"
    watchlist.write_text("watched: [")
    assert run("watchlist", "lint", str(watchlist)).exit_code == 2


def test_the_configured_watchlist_is_looked_at_where_none_is_named(
    watchlist: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRAYMAIL_WATCHLIST", raising=False)
    refused = run("watchlist", "lint")
    assert (refused.exit_code, "name its FILE, or set STRAYMAIL_WATCHLIST" in refused.err) == (2, True)
    monkeypatch.setenv("STRAYMAIL_WATCHLIST", str(watchlist))
    assert run("watchlist", "lint").rows[-1]["subject"] == str(watchlist)
