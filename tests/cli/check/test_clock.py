"""What `straymail check` reports of the clock."""

from __future__ import annotations

import pytest

from streams.cli.check import clock as checked
from streams.cli.check.clock import clock_lines
from streams.config import Settings
from streams.errors import BrokerError


@pytest.mark.parametrize(
    ("skew_ms", "level", "what"),
    [
        (0, "ok", "agrees with the broker's"),
        (-29_000, "ok", "agrees"),
        (31_000, "warning", "31 s ahead of the broker's"),
        (-300_000, "warning", "300 s behind the broker's"),
        (604_800_000, "error", "604800 s ahead of the broker's; 300 s are allowed"),
        (-301_000, "error", "301 s behind the broker's; 300 s are allowed"),
        (None, "warning", "not compared with the broker's, whose time is not known"),
    ],
)
def test_the_clock_is_compared(monkeypatch: pytest.MonkeyPatch, skew_ms: int | None, level: str, what: str) -> None:
    monkeypatch.setattr(checked, "measure_skew_ms", lambda *_: skew_ms)
    (line,) = clock_lines(Settings())
    assert (line.level, line.subject) == (level, "clock")
    assert line.what.startswith(what)
    assert bool(line.remedy) == (level != "ok")


def test_a_user_that_may_not_write_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise BrokerError("this user may not write")

    monkeypatch.setattr(checked, "measure_skew_ms", refused)
    (line,) = clock_lines(Settings())
    assert (line.level, line.what) == ("warning", "not compared with the broker's: this user may not write")
