"""`straymail watchlist suggest`, run as a command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from streams.domains.watchlist.file import read_watchlist
from tests.backtest.history import WRONG
from tests.backtest.test_watchlist_lint import TODAY
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


@pytest.fixture
def both_ways(tmp_path: Path) -> Path:
    """A month of mail with a domain that is near a watched one."""
    path, day_ms = tmp_path / "both_ways.jsonl", 86_400_000
    rows = []
    for day in range(30):
        ours, theirs = f"desk{day % 4}@corp.example", f"person{day % 3}@nato.imt"
        for sender, to in ((ours, theirs), (theirs, ours)):
            time = 1_767_225_600_000 + day * day_ms
            rows.append({"id": f"{day}{sender}", "time": time, "sender": sender, "recipients": [to]})
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_a_correspondent_near_a_watched_domain_is_proposed_as_a_comment(
    both_ways: Path, watchlist: Path, tmp_path: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRAYMAIL_OWN_DOMAINS", "corp.example")
    written = tmp_path / "suggested.yaml"
    arguments = ("watchlist", "suggest", "jsonl", str(both_ways), "--watchlist", str(watchlist))
    [row] = run(*arguments).rows
    assert (row["list"], row["decide"], row["intended"]) == ("allowed", True, "nato.int")
    assert (row["days_out"], row["days_in"], row["persons"]) == (30, 30, 3)
    assert run(*arguments, "-o", str(written)).exit_code == 0
    assert yaml.safe_load(written.read_text()) == {"watched": [], "allowed": []}
    [line] = [line for line in written.read_text().splitlines() if "nato.imt" in line]
    assert line.startswith("#   - nato.imt  # 30 mails, 4 senders, ")
    assert "30 received, out on 30 days, in on 30, 3 persons there; " in line


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
