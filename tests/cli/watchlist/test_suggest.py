"""`straymail watchlist suggest`, run as a command."""

from __future__ import annotations

from pathlib import Path

import pytest
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


@pytest.mark.usefixtures("terminal")
def test_suggestions_for_people_are_a_table(history: Path, watchlist: Path, run: RunCommand) -> None:
    done = run("watchlist", "suggest", "jsonl", str(history), "--watchlist", str(watchlist))
    rows = {line.split()[1]: line.split() for line in done.out.decode().splitlines() if line.strip()}
    assert rows["nato.imt"][0] == "review"
    assert rows["nato.imt"][-1] == "nato.int"
    assert rows["mod.gov.uk"][0] == "watched"
    assert "10,000 records read" in done.err


def test_records_that_cannot_be_read_are_reported(tmp_path: Path, watchlist: Path, run: RunCommand) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"no\n")
    done = run("watchlist", "suggest", "jsonl", str(bad), "--watchlist", str(watchlist))
    assert done.exit_code == 1
    assert f"{bad}:1: not-json: " in done.err


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(history: Path, watchlist: Path, run: RunCommand) -> None:
    done = run("watchlist", "suggest", "jsonl", str(history), "--watchlist", str(watchlist), "-o", "/dev/full")
    assert done.exit_code == 2
    assert "can't write /dev/full" in done.err
