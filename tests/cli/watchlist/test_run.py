"""`straymail watchlist` and `straymail backtest`, run as commands."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import yaml

from streams.domains.watchlist.file import read_watchlist
from tests.backtest.history import WRONG, events
from tests.backtest.test_watchlists import TODAY
from tests.cli.conftest import RunCommand


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history") / "events.jsonl"
    path.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in events(10_000, slips=0.006)))
    return path


@pytest.fixture
def watchlist(tmp_path: Path) -> Path:
    path = tmp_path / "watchlist.yaml"
    path.write_text("watched: ['*.mil', nato.int]\nmistakes: {army.ml: army.mil}\n")
    return path


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


def test_backtest_writes_a_summary_a_report_and_alerts(
    history: Path, watchlist: Path, tmp_path: Path, run: RunCommand
) -> None:
    page, alerts = tmp_path / "page.html", tmp_path / "alerts.jsonl"
    arguments = ["--watchlist", str(watchlist), "--report", str(page), "--alerts", str(alerts), "--jobs", "1"]
    done = run("backtest", "jsonl", str(history), *arguments)
    assert done.exit_code == 0
    summary = orjson.loads(done.out)
    assert summary["mail_events"] == 10_000
    assert summary["leaks"][0]["domain"] in WRONG
    assert sum(row["alerts"] for row in summary["alerts"]) == len(alerts.read_bytes().splitlines())
    assert "<h1>Mail to mistyped domains</h1>" in page.read_text()
    assert {path.stat().st_mode & 0o777 for path in (page, alerts)} == {0o600}


def test_backtest_reports_what_it_could_not_read(tmp_path: Path, watchlist: Path, run: RunCommand) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"no\n\n" + b"".join(orjson.dumps(event) + b"\n" for event in events(10)))
    done = run("backtest", "jsonl", str(bad), "--watchlist", str(watchlist), "--jobs", "1")
    assert done.exit_code == 1
    assert f"{bad}:1: not-json: " in done.err
    assert "11 records read" in done.err
    assert done.rows[0]["mail_events"] == 10


def test_backtest_of_nothing(tmp_path: Path, watchlist: Path, run: RunCommand) -> None:
    (tmp_path / "empty.jsonl").touch()
    done = run("backtest", "jsonl", str(tmp_path / "empty.jsonl"), "--watchlist", str(watchlist), "--jobs", "1")
    assert done.exit_code == 0
    assert done.rows[0]["mail_events"] == 0
