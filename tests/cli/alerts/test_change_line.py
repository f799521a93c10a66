"""A change of a finding fits one line, whatever it contains."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from streams.cli.alerts.change_line import change_line, header_line
from streams.events.alert import encode_alert
from streams.events.alert_view import read_alert
from streams.events.mistaken_domain import MistakenDomain
from tests.cli.finding import finding


def line(width: int = 80, **changes: Any) -> str:
    console = Console(width=width, force_terminal=True, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(change_line(read_alert(encode_alert(finding(**changes))), console))
    return captured.get()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "07-17 08:00 high        3+ desk@mod.gov.uk > army.ml for army.mil  open\n"),
        ({"activity": 3}, "07-17 08:00 high         3 desk@mod.gov.uk > army.ml for army.mil  withdrawn\n"),
        (
            {"group_by": "domain", "counts": "senders", "sender": None, "count_is_minimum": True, "window": "final"},
            "07-17 08:00 high        3+ at least 3 senders > army.ml for army.mil  final\n",
        ),
        ({"window": "final"}, "07-17 08:00 high         3 desk@mod.gov.uk > army.ml for army.mil  final\n"),
        ({"domain_count": 3}, "07-17 08:00 high        3+ desk@mod.gov.uk > army.ml for army.mil +2  open\n"),
    ],
)
def test_a_change(changes: dict[str, Any], expected: str) -> None:
    assert line(**changes) == expected


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_it_is_one_line_of_the_width_at_most(width: int) -> None:
    long = MistakenDomain("a" * 60 + ".army.ml", "a" * 60 + ".army.mil", "omission", "x", 1.0, certain=True)
    for changes in ({}, {"domain": long}, {"sender": "s" * 300 + "@mod.gov.uk"}, {"sender": "a\nb\x1b[31m@x.mil"}):
        shown = line(width, **changes)
        assert shown.count("\n") == 1
        assert len(shown) <= width + 1
        assert "\x1b" not in shown


def test_a_long_sender_is_cut_before_the_slip() -> None:
    assert "\u2026 > army.ml for army.mil  open" in line(sender="s" * 300 + "@mod.gov.uk")


def test_the_header_names_what_stands_below_it() -> None:
    below, above = line(), header_line().plain
    for name, what in (("time UTC", "07-17"), ("severity", "high"), ("sender", "desk@"), ("mails", "   3+")):
        assert above.index(name) == below.index(what)
