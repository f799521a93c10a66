"""Tables fit the console's width, mark the slip in the title, and escape mail data."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest
from rich.console import Console

from streams.cli.shared.tables import alert_table, at_least_line, hit_table, shown_ms, title_text, typed_text
from streams.events.alert import encode_alert
from streams.events.alert_view import AlertView, read_alert
from streams.events.hit import TypoHit
from streams.events.mistaken_domain import MistakenDomain
from tests.cli.finding import finding

TIME_MS = 1_689_580_800_000
HOSTILE = "[red]x[/red]\x1b[2J\u202e desk@mod.gov.uk sent 1 mail to army.ml, probably meant for army.mil"


def view(title: str, typed: str = "army.ml", meant: str = "army.mil", **changes: Any) -> AlertView:
    domain = MistakenDomain(typed, meant, "omission", "a letter was lost", 0.9, certain=True)
    return msgspec.structs.replace(read_alert(encode_alert(finding(domain))), title=title, **changes)


def hit(**changes: Any) -> TypoHit:
    fields: dict[str, Any] = {
        "id": "h1",
        "event_id": "e1",
        "time": TIME_MS,
        "sender": "desk@mod.gov.uk",
        "domain": "army.ml",
        "intended": "army.mil",
        "recipients": ["a.b.mil@army.ml"],
        "recipient_count": 3,
        "score": 0.9,
        "certain": True,
        "slip": "omission",
        "explanation": "the suffix .mil lost its i",
        "sender_digest": "0" * 32,
        "message_id": "<1@mod.gov.uk>",
        "delivery": "delivered",
    }
    return TypoHit(**(fields | changes))


def console(width: int, *, colour: bool = False) -> Console:
    return Console(file=io.StringIO(), width=width, force_terminal=colour, color_system="standard" if colour else None)


def printed(what: object, width: int = 200, *, colour: bool = False) -> str:
    shown = console(width, colour=colour)
    shown.print(what)
    assert isinstance(shown.file, io.StringIO)
    return shown.file.getvalue()


@pytest.mark.parametrize("width", [40, 80, 109, 110, 200])
def test_no_line_is_wider_than_the_console(width: int) -> None:
    views = [view(HOSTILE), view("y" * 300), view("desk@mod.gov.uk sent 3 mails to army.ml")]
    for table in (alert_table(views, console(width)), hit_table([hit(sender="z" * 300)], console(width))):
        assert all(len(line) <= width for line in printed(table, width).splitlines())


def test_a_count_that_may_grow_has_a_plus_which_a_line_below_explains() -> None:
    title = "desk@mod.gov.uk sent mail to army.ml"
    shown = [view(title, count=count, window=window) for count, window in ((33, "open"), (44, "final"), (5, "late"))]
    lines = printed(alert_table(shown, console(80)), 80).splitlines()[1:]
    assert [line.split()[3] for line in lines] == ["33+", "44", "5+"]
    assert "at least" in printed(at_least_line(shown), 80)
    assert at_least_line(shown[1:2]) is None


def test_hostile_mail_data_is_escaped() -> None:
    shown = printed(alert_table([view(HOSTILE)], console(200)))
    assert "[red]x[/red]\\u{1b}[2J\\u{202e}" in shown
    shown = printed(hit_table([hit(sender="\x1b]0;x\x07@y", message_id="<\u202e>")], console(200)))
    assert not set("\x1b\x07\u202e") & set(shown)


@pytest.mark.parametrize(
    ("title", "typed", "meant", "shown"),
    [
        (
            "d@mod.gov.uk sent 3 mails to army.ml, probably meant for army.mil",
            "army.ml",
            "army.mil",
            "army.ml, probably",
        ),
        (
            "d@mod.gov.uk sent 1 mail to mod.gov, probably meant for mod.gov.uk",
            "mod.gov",
            "mod.gov.uk",
            "to mod.gov, prob",
        ),
        ("3 senders wrote to army.ml.", "army.ml", "army.mil", "to army.ml."),
        ("something else", "army.ml", "army.mil", "something else (army.ml)"),
        ("to nаto.int", "nаto.int", "nato.int", "to nаto.int (U+0430)"),  # noqa: RUF001
    ],
)
def test_the_slip_is_marked_in_the_title(title: str, typed: str, meant: str, shown: str) -> None:
    assert shown in title_text(view(title, typed, meant)).plain


def test_the_address_of_the_sender_is_not_marked() -> None:
    text = title_text(view("d@mod.gov.uk sent 1 mail to mod.gov, meant for mod.gov.uk", "mod.gov", "mod.gov.uk"))
    assert text.plain.startswith("d@mod.gov.uk sent")
    assert [text.plain[span.start : span.end] for span in text.spans] == ["v", ".uk"]


def test_the_typed_domain_is_shown_as_it_is_with_its_wrong_letters_marked() -> None:
    text = typed_text("amry.ml", "army.mil")
    assert text.plain == "amry.ml"
    assert [(text.plain[span.start : span.end], str(span.style)) for span in text.spans if span.style] == [
        ("mr", "bold underline magenta"),
        ("ml", "underline red"),
    ]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("n\u0430to.int", "n\u0430to.int (U+0430)"),
        ("xn--nto-6cd.int", "xn--nto-6cd.int (n\u0430to.int U+0430)"),
        ("a\u202eb.int", "a\\u{202e}b.int"),
    ],
)
def test_letters_beyond_ascii_are_explained_behind_the_domain(typed: str, shown: str) -> None:
    assert typed_text(typed, "nato.int").plain == shown


def test_a_final_state_is_shown_by_the_time_of_its_last_mail() -> None:
    state = view("x", last_seen_ms=TIME_MS - 86_400_000)
    assert shown_ms(state) == state.time_ms
    assert shown_ms(msgspec.structs.replace(state, window="final")) == TIME_MS - 86_400_000


def test_wide_consoles_show_more_columns() -> None:
    table = [view("desk@mod.gov.uk sent 3 mails to army.ml")]
    assert "sender-typo-hits" not in printed(alert_table(table, console(80)), 80)
    assert "sender-typo-hits" in printed(alert_table(table, console(120)), 120)


def test_rows_of_hits_count_the_other_recipients() -> None:
    shown = printed(hit_table([hit(), hit(recipient_count=1), hit(recipients=[], recipient_count=2)], console(200)))
    assert "a.b.mil@army.ml and 2 more" in shown
    assert shown.count("and 2 more") == 1
    assert "\n07-17 08:00 desk@mod.gov.uk" in shown
