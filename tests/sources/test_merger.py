"""The rows of a mail become one event."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import MailEvent
from streams.sources.build_event import Mail
from streams.sources.merger import Merger

TIME_MS = 1_795_502_929_000


def row(mail: str, recipient: str, status: Delivery = "unknown", offset_ms: int = 0) -> Mail:
    return Mail((mail,), TIME_MS + offset_ms, "jo@mod.example", {recipient: status}, message_id=mail)


def merged(*rows: Mail, kept: int = 100) -> list[MailEvent]:
    merger = Merger("export", kept)
    events = [event for each in rows for event in merger.add(each)]
    return [*events, *merger.drain()]


def test_recipients_are_joined_and_the_first_time_holds() -> None:
    (event,) = merged(row("m", "b@x.org", offset_ms=9), row("m", "a@x.org", "delivered"), row("m", "b@x.org", "failed"))
    assert (event.recipients, event.time_ms) == (["a@x.org", "b@x.org"], TIME_MS)
    assert event.delivery == {"a@x.org": "delivered", "b@x.org": "failed"}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["deferred", "delivered"], "delivered"),
        (["delivered", "deferred"], "delivered"),
        (["failed", "delivered"], "delivered"),
        (["deferred", "held"], "held"),
    ],
)
def test_a_final_status_holds_in_whatever_order_rows_come(statuses: list[Delivery], expected: Delivery) -> None:
    (event,) = merged(*(row("m", "a@x.org", status) for status in statuses))
    assert event.delivery == expected


def test_the_mail_that_had_no_row_for_the_longest_time_leaves_first() -> None:
    merger = Merger("export", kept=2)
    left = [event.message_id for mail in ("1", "2", "1", "3", "4") for event in merger.add(row(mail, f"{mail}@x.org"))]
    assert left == ["<2>", "<1>"]
    assert [event.message_id for event in merger.drain()] == ["<3>", "<4>"]
    assert list(merger.drain()) == []


@pytest.mark.parametrize(
    ("statuses", "recipients"),
    [(["unknown", "failed"], ["b@x.org"]), (["failed", "unknown"], ["b@x.org"]),
     (["failed", "delivered"], ["a@x.org", "b@x.org"])],
)  # fmt: skip
def test_a_recipient_that_a_row_leaves_out_is_in_none(statuses: list[Delivery], recipients: list[str]) -> None:
    merger = Merger("export")
    for status in statuses:
        left_out = ["a@x.org"] if status == "failed" else []
        assert list(merger.add(row("m", "a@x.org", status), left_out)) == []
    assert list(merger.add(row("m", "b@x.org"))) == []
    assert [event.recipients for event in merger.drain()] == [recipients]
    list(merger.add(row("m", "a@x.org", "failed"), ["a@x.org"]))
    assert list(merger.drain()) == []


def test_a_row_that_no_event_can_have_is_refused_at_once() -> None:
    merger = Merger("export", kept=1)
    assert list(merger.add(row("1", "a@x.org"))) == []
    for bad in (Mail(("2",), TIME_MS, "nobody", {"b@x.org": "unknown"}), row("3", "c@x.org", offset_ms=-TIME_MS)):
        with pytest.raises(UnreadableRecord):
            list(merger.add(bad))
    assert [event.message_id for event in merger.add(row("4", "d@x.org"))] == ["<1>"]
    assert [event.message_id for event in merger.drain()] == ["<4>"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=20), st.integers(1, 4))
def test_no_recipient_is_lost(pairs: list[tuple[str, str]], kept: int) -> None:
    events = merged(*(row(mail, f"{to}@x.org") for mail, to in pairs), kept=kept)
    found = {(event.message_id, recipient) for event in events for recipient in event.recipients}
    assert found == {(f"<{mail}>", f"{to}@x.org") for mail, to in pairs}
