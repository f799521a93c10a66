"""`straymail watchlist`, run as a command."""

from __future__ import annotations

from pathlib import Path

import yaml

from streams.domains.watchlist.file import read_watchlist
from tests.backtest.history import WRONG
from tests.backtest.test_watchlists import TODAY
from tests.cli.conftest import RunCommand


def test_suggestions_are_a_watchlist_to_edit(history: Path, tmp_path: Path, run: RunCommand) -> None:
    empty, written = tmp_path / "empty.txt", tmp_path / "suggested.yaml"
    empty.write_text("example.org\n")
    done = run("watchlist", "suggest", "jsonl", str(history), "--watchlist", str(empty), "-o", str(written))
    assert done.exit_code == 0
    assert done.out == b""
    loaded = read_watchlist(written, today=TODAY)
    assert {"army.mil", "navy.mil", "nato.int"} <= loaded.watched.keys()
    assert not WRONG.keys() & (loaded.watched.keys() | loaded.allowed.keys())
    assert "#   - army.ml  # " in written.read_text()
    assert "suffix-omission for army.mil?" in written.read_text()
    assert yaml.safe_load(written.read_text()).keys() == {"watched", "allowed"}


def test_suggestions_as_json(history: Path, watchlist: Path, run: RunCommand) -> None:
    done = run("watchlist", "suggest", "jsonl", str(history), "--watchlist", str(watchlist))
    rows = {row["domain"]: row for row in done.rows}
    assert rows["nato.imt"]["list"] == "review"
    assert rows["nato.imt"]["intended"] == "nato.int"
    assert rows["mod.gov.uk"]["list"] == "watched"


def test_lint(watchlist: Path, run: RunCommand) -> None:
    assert run("watchlist", "lint", str(watchlist)).exit_code == 0
    watchlist.write_text("watched: [army.mil, hq.army.mil]\n")
    done = run("watchlist", "lint", str(watchlist))
    assert done.exit_code == 1
    assert done.rows[0]["subject"] == "hq.army.mil"
    watchlist.write_text("watched: [")
    assert run("watchlist", "lint", str(watchlist)).exit_code == 2


def test_explain(watchlist: Path, run: RunCommand) -> None:
    (row,) = run("watchlist", "explain", "bob@army.mi", "--watchlist", str(watchlist)).rows
    assert (row["typo"], row["intended"], row["registration"]) == (True, "army.mil", "none")
    done = run("watchlist", "explain", "..", "--watchlist", str(watchlist))
    assert done.exit_code == 2
    assert "is not a domain name" in done.err


def test_diff(history: Path, watchlist: Path, tmp_path: Path, run: RunCommand) -> None:
    new = tmp_path / "new.yaml"
    new.write_text("watched: ['*.mil']\nmistakes: {army.ml: army.mil}\n")
    done = run("watchlist", "diff", str(watchlist), str(new), "--events", str(history))
    assert done.exit_code == 0
    assert [(row["domain"], row["change"]) for row in done.rows] == [("nato.imt", "lost")]
