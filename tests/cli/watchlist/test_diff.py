"""`straymail watchlist diff`, run as a command."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.cli.conftest import RunCommand


def test_diff(history: Path, watchlist: Path, tmp_path: Path, run: RunCommand) -> None:
    new = tmp_path / "new.yaml"
    new.write_text("watched: ['*.mil']\nmistakes: {army.ml: army.mil}\n")
    done = run("watchlist", "diff", str(watchlist), str(new), "--events", str(history))
    assert done.exit_code == 0
    assert [(row["domain"], row["change"]) for row in done.rows] == [("nato.imt", "lost")]


@pytest.fixture
def mail(tmp_path: Path) -> str:
    """A file with a mail to each of three mistaken domains."""
    path = tmp_path / "mail.jsonl"
    events = [
        {"id": str(at), "time": 1_750_000_000_000, "sender": "jo@mod.example", "recipients": [f"a@{domain}"]}
        for at, domain in enumerate(("army.ml", "nato.imt", "state.gv"))
    ]
    path.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in events))
    return str(path)


@pytest.fixture
def other(tmp_path: Path) -> str:
    """A watchlist that allows army.ml, no longer watches nato.int, and watches state.gov."""
    path = tmp_path / "other.yaml"
    path.write_text("watched: ['*.mil', state.gov]\nallowed: [army.ml]\n")
    return str(path)


@pytest.mark.usefixtures("terminal")
def test_for_people_differences_are_a_table(watchlist: Path, other: str, mail: str, run: RunCommand) -> None:
    done = run("watchlist", "diff", str(watchlist), other, "--events", mail)
    lines = done.out.decode().splitlines()
    assert lines[0].strip() == "3 domains"
    rows = {line.split()[1]: " ".join(line.split()) for line in lines[1:] if line.strip()}
    assert rows["army.ml"] == "lost army.ml 1 1 typo of army.mil (1.00) not flagged"
    assert rows["nato.imt"].startswith("lost nato.imt 1 1 typo of nato.int")
    assert rows["state.gv"].startswith("gained state.gv 1 1 not flagged typo of state.gov")


def test_as_json_both_verdicts_are_there(watchlist: Path, other: str, mail: str, run: RunCommand) -> None:
    rows = {row["domain"]: row for row in run("watchlist", "diff", str(watchlist), other, "--events", mail).rows}
    assert {domain: row["change"] for domain, row in rows.items()} == {
        "army.ml": "lost",
        "nato.imt": "lost",
        "state.gv": "gained",
    }
    assert rows["army.ml"]["new"] is None
    assert rows["state.gv"]["old"] is None


def test_records_that_cannot_be_read_are_reported(tmp_path: Path, watchlist: Path, other: str, run: RunCommand) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"no\n")
    done = run("watchlist", "diff", str(watchlist), other, "--events", str(bad))
    assert (done.exit_code, done.rows) == (1, [])
    assert f"{bad}:1: not-json: " in done.err
