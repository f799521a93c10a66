"""The options that commands share."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from streams.cli.shared.options import Moment, epilog, severity_option, since_option, wait_option

NOW_MS = 1_790_000_000_000


@click.command(epilog=epilog("straymail some\n  straymail some --wait 3\n", "0, or 1 where nothing was found."))
@since_option
@severity_option
@wait_option
def some(since: int | None, severity: str | None, wait: float) -> None:
    click.echo(f"{since} {severity} {wait}")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(some, arguments)
    return result.exit_code, result.output


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.clock.now_ms", lambda: NOW_MS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", NOW_MS - 7_200_000),
        ("30m", NOW_MS - 1_800_000),
        ("7d", NOW_MS - 7 * 86_400_000),
        ("2026-07-17T08:00:00Z", 1_784_275_200_000),
        ("2026-07-17T10:00:00+02:00", 1_784_275_200_000),
    ],
)
def test_a_moment_is_a_span_before_now_or_a_time(text: str, expected: int) -> None:
    assert run("--since", text) == (0, f"{expected} None 15.0\n")


@pytest.mark.parametrize("text", ["yesterday", "2026-07-17T08:00:00", "2x", "-1h", ""])
def test_what_is_no_moment_is_a_usage_error(text: str) -> None:
    exit_code, output = run("--since", text)
    assert exit_code == 2
    assert "is neither a duration such as 2h, 30m or 7d nor a time such as 2026-07-17T08:00:00Z" in output


def test_a_default_in_milliseconds_stays() -> None:
    assert Moment().convert(5, None, None) == 5


@pytest.mark.parametrize("arguments", [("--wait", "-1"), ("--severity", "huge")])
def test_values_out_of_range_are_usage_errors(arguments: tuple[str, str]) -> None:
    assert run(*arguments)[0] == 2


def test_the_help_ends_with_examples_and_exit_codes() -> None:
    _, output = run("--help")
    end = output[output.index("Examples:") :]
    assert "  straymail some\n" in end
    assert "  straymail some --wait 3\n" in end.replace("    ", "  ")
    assert end.rstrip().endswith("Exit code: 0, or 1 where nothing was found.")
