"""Lines about what was checked."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import orjson
import pytest

from streams.cli.shared.check_lines import CheckLine, show_checks

LINES = (
    CheckLine("ok", "brokers", "3 answer"),
    CheckLine("warning", "topic mail.events", "has 1 partition", "add some"),
    CheckLine("error", "topic \x1b[2J", "is missing", "run `straymail topics create`"),
)


@pytest.mark.usefixtures("terminal")
def test_for_people_a_line_each_with_its_remedy(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    show_checks(LINES, as_json=False)
    sys.stdout.flush()
    lines = [line.strip() for line in capfdbinary.readouterr().out.decode().splitlines()]
    assert lines[:2] == ["ok      brokers: 3 answer", "warning topic mail.events: has 1 partition: add some"]
    assert lines[2].startswith("error   topic ")
    assert lines[2].endswith(": is missing: run `straymail topics create`")
    assert "\x1b" not in lines[2]


@pytest.mark.parametrize("as_json", [True, False])
def test_for_programs_json_lines(capfdbinary: pytest.CaptureFixture[bytes], as_json: bool) -> None:
    """As asked for, or since stdout is no terminal."""
    show_checks(LINES, as_json=as_json)
    rows = [orjson.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [row["level"] for row in rows] == ["ok", "warning", "error"]
    assert rows[1] == {
        "level": "warning",
        "subject": "topic mail.events",
        "what": "has 1 partition",
        "remedy": "add some",
    }


def test_each_line_is_written_as_soon_as_it_is_known(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    seen: list[int] = []

    def lines() -> Iterator[CheckLine]:
        for line in LINES:
            yield line
            seen.append(capfdbinary.readouterr().out.count(b"\n"))

    show_checks(lines(), as_json=True)
    assert seen == [1, 1, 1]
