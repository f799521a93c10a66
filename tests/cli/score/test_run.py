"""`straymail score`: one line of JSON for each line, in order, as soon as it arrives."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.cli.score.run import load
from streams.domains.thresholds import PlainThresholds

COMMAND = [sys.executable, "-m", "streams", "score", "--watchlist"]
DOMAINS = [
    "army.ml",
    "",
    "ar my.mil",
    "army.mil",
    "jane@lockheedmartn.com",
    "l\N{CYRILLIC SMALL LETTER O}ckheedmartin.com",
    "army.ml",
]


@pytest.fixture(name="watchlist")
def write_watchlist(tmp_path: Path) -> Path:
    path = tmp_path / "watchlist.txt"
    path.write_text("*.mil\narmy.mil\nlockheedmartin.com\n")
    return path


def answers(watchlist: Path, text: str) -> list[dict[str, object]]:
    done = subprocess.run([*COMMAND, watchlist, "-"], input=text.encode(), capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_line_for_each_line_in_order(watchlist: Path) -> None:
    answered = answers(watchlist, "\n".join(DOMAINS))
    assert [answer["domain"] for answer in answered] == DOMAINS
    assert [bool(answer["typo"]) for answer in answered] == [True, False, False, False, True, True, True]
    assert ["error" in answer for answer in answered] == [False, True, True, False, False, False, False]
    assert answered[0]["intended"] == "army.mil"
    assert set(answered[0]) == {"domain", "typo", "certain", "intended", "score", "slip", "explanation"}


@pytest.mark.process
def test_many_lines_are_scored_in_parallel_and_stay_in_order(watchlist: Path) -> None:
    domains = [f"name{number}.{'ml' if number % 3 else 'org'}" for number in range(20_000)]
    answered = answers(watchlist, "".join(f"{domain}\r\n" for domain in domains))
    assert [answer["domain"] for answer in answered] == domains


def test_each_line_is_answered_when_it_comes(watchlist: Path) -> None:
    with subprocess.Popen([*COMMAND, watchlist, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for sent, domain in ((b"army.ml\nna", "army.ml"), (b"vy.ml\n", "navy.ml")):
            process.stdin.write(sent)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["domain"] == domain


def test_domains_on_the_command_line(watchlist: Path) -> None:
    done = subprocess.run([*COMMAND, watchlist, "army.ml", "--typo", "0.4"], capture_output=True, check=True)
    assert json.loads(done.stdout)["slip"] == "suffix-omission"


def test_thresholds_out_of_order_are_refused(watchlist: Path) -> None:
    command = [*COMMAND, str(watchlist), "army.ml", "--typo", "0.9", "--certain", "0.6"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"--certain (0.6) is below --typo (0.9)" in done.stderr


def test_a_threshold_that_is_no_number_is_refused(watchlist: Path) -> None:
    done = subprocess.run([*COMMAND, watchlist, "army.ml", "--typo", "nan"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"below --typo (nan)" in done.stderr


def test_an_argument_that_is_not_utf8_is_answered_and_the_next_one_too(watchlist: Path) -> None:
    done = subprocess.run([*COMMAND, watchlist, b"caf\xe9.ml", "army.ml"], capture_output=True, check=True)
    first, second = map(json.loads, done.stdout.splitlines())
    assert "not allowed" in first["error"]
    assert second["typo"]


def test_a_closed_stdin_is_reported(watchlist: Path) -> None:
    closing = 'exec "$0" "$@" <&-'
    done = subprocess.run(["sh", "-c", closing, *COMMAND, watchlist, "-"], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"stdin is closed" in done.stderr


@pytest.fixture
def garbage_collector() -> Iterator[None]:
    """Undoes what `load` sets for its process."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)


@pytest.mark.usefixtures("garbage_collector")
def test_verdicts_are_cached(tmp_path: Path) -> None:
    watchlist = tmp_path / "watchlist"
    watchlist.write_text("army.mil\n")
    score = load(watchlist, PlainThresholds())
    assert score("army.ml") is score("army.ml")
