"""JSON lines on stdout."""

from __future__ import annotations

import orjson
import pytest

from streams.cli.shared.output import json_wanted, write_json

HOSTILE = {"sender": "\x1b[2J\x7f\x9b\u202e\N{LATIN SMALL LETTER U WITH DIAERESIS}"}


def test_programs_get_json_and_people_where_they_ask_for_it() -> None:
    assert json_wanted(as_json=False)
    assert json_wanted(as_json=True)


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_json_is_what_was_asked_for() -> None:
    assert not json_wanted(as_json=False)
    assert json_wanted(as_json=True)


@pytest.mark.parametrize("value", [HOSTILE, orjson.dumps(HOSTILE), b'{ "sender":\n"x" }'])
def test_a_value_is_one_line_and_comes_back(capfdbinary: pytest.CaptureFixture[bytes], value: object) -> None:
    write_json(value)
    out = capfdbinary.readouterr().out
    assert out.count(b"\n") == 1
    assert orjson.loads(out) == (orjson.loads(value) if isinstance(value, bytes) else value)


@pytest.mark.usefixtures("terminal")
def test_a_terminal_gets_printable_ascii_alone(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_json(HOSTILE)
    out = capfdbinary.readouterr().out
    assert orjson.loads(out) == HOSTILE
    assert all(32 <= byte < 127 for byte in out.rstrip(b"\n"))
