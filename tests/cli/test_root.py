"""The command line starts fast, reports errors in one line, and ends with the right exit code."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from streams import cli
from streams.errors import StraymailError, UsageError
from streams.sources.registry import SOURCES

HEAVY = ("faust", "mode", "aiokafka", "confluent_kafka", "rich", "pydantic", "msgspec", "orjson", "yaml", "rapidfuzz")


def straymail(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from streams.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help_examples_and_exit_codes(name: str) -> None:
    shown = CliRunner().invoke(cli.straymail, [name, "--help"])
    assert shown.exit_code == 0
    assert f"straymail {name}" in shown.output
    assert "Examples:" in shown.output
    assert "Exit code:" in shown.output


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_option_has_help(name: str) -> None:
    command = cli.straymail.get_command(click.Context(cli.straymail), name)
    commands = [command, *getattr(command, "commands", {}).values()]
    options = [option for one in commands for option in one.params if isinstance(option, click.Option)]
    assert options
    assert all(option.help for option in options)


@pytest.mark.parametrize("command", [["import"], ["backtest"], ["watchlist", "suggest"]])
def test_the_help_names_every_source(command: list[str]) -> None:
    text = " ".join(CliRunner().invoke(cli.straymail, [*command, "--help"]).output.split())
    *first, last = SOURCES
    assert f"SOURCE is the kind of log: {', '.join(first)} or {last}." in text


@pytest.mark.process
def test_help_loads_nothing_heavy_and_is_fast() -> None:
    code = f"from streams.cli import run; run(['--help']); import sys; print([m for m in {HEAVY} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert straymail("--help").returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.3


@pytest.mark.process
@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuch"],
        ["--nosuch"],
        ["publish", "--nosuch"],
        ["publish"],
        ["publish", "/nowhere/mails.jsonl"],
        ["import", "nosuch", "-"],
        ["worker", "--config", "/nowhere/config.yaml"],
    ],
)
def test_wrong_usage_is_reported_in_one_line(arguments: list[str]) -> None:
    ended = straymail(*arguments)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("straymail: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "exit_code", "message"),
    [
        (StraymailError("a \x1b[31mthing failed"), 1, "straymail: a \\u{1b}[31mthing failed\n"),
        (UsageError("wrong"), 2, "straymail: wrong\n"),
        (KeyboardInterrupt(), 130, "\n"),
    ],
)
def test_errors_become_a_line_and_an_exit_code(
    error: BaseException,
    exit_code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @click.command()
    def failing() -> None:
        raise error

    monkeypatch.setattr(cli.Commands, "get_command", lambda *_: failing)
    assert cli.run(["failing"]) == exit_code
    assert capsys.readouterr().err == message


@pytest.mark.process
@pytest.mark.parametrize("arguments", [["publish", "--help"], ["check", "--offline"]])
def test_a_closed_stdout_ends_it_quietly(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "streams", *arguments]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (cli.PIPE_CLOSED, "")


@pytest.mark.process
def test_version() -> None:
    assert straymail("--version").stdout.startswith("straymail, version ")
