"""Findings as the API returns them."""

from __future__ import annotations

from streams.console.json_rows import MAILS_SHOWN, marks, row, whole
from streams.console.store import ConsoleStore
from streams.events.hit import encode_hit
from tests.cli.finding import START_MS
from tests.console.samples import found, hit
from tests.console.serve import settings


def test_a_slip_is_marked_letter_by_letter() -> None:
    assert marks("army.ml", "army.mil") == {
        "typed": [["army.m", "same"], ["", "lost"], ["l", "same"]],
        "meant": [["army.m", "same"], ["i", "lost"], ["l", "same"]],
    }


def test_a_row_has_no_invisible_characters() -> None:
    shown = row(found(sender="de\u202esk\x1b[2J@mod.gov.uk"))
    assert not {"\u202e", "\x1b"} & set(shown["sender"])
    assert (shown["domain"], shown["intended"], shown["severity"]) == ("army.ml", "army.mil", "high")
    assert row(found(sender=None, group_by="domain"))["sender"] is None


def test_a_whole_finding_has_its_newest_mails_up_to_a_bound() -> None:
    store = ConsoleStore(settings().console_inputs())
    for number in range(MAILS_SHOWN + 5):
        each = hit(str(number), time=START_MS + number, subject="a\x00b", source="postfix")
        store.hits.put(each, encode_hit(each))
    shown = whole(found(), store)
    assert (len(shown["mails"]), shown["mails_known"]) == (MAILS_SHOWN, MAILS_SHOWN + 5)
    assert shown["mails"][0]["message_id"] == f"<{MAILS_SHOWN + 4}@mod.gov.uk>"
    assert shown["deliveries"] == {"delivered": MAILS_SHOWN + 5}
    assert "\x00" not in shown["mails"][0]["subject"]


def test_what_the_gate_stopped_is_shown_apart() -> None:
    store = ConsoleStore(settings().console_inputs())
    for each in (hit("1"), hit("2", "rejected", asked="asked"), hit("2", "rejected", id="again", asked="confirmed")):
        store.hits.put(each, encode_hit(each))
    shown = whole(found(asked_count=2, confirmed_count=1), store)
    assert (shown["asked_count"], shown["confirmed_count"], shown["corrected_count"]) == (2, 1, 0)
    assert sorted((mail["asked"] or "", mail["delivery"]) for mail in shown["mails"]) == [
        ("", "delivered"),
        ("confirmed", "rejected"),
    ]
    assert shown["deliveries"] == {"delivered": 1}
