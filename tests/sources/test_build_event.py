"""Mail events of what a log says."""

from __future__ import annotations

from typing import Any

import pytest

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import LATEST_MS, RECIPIENTS_ALLOWED, decode, encode
from streams.sources.build_event import (
    LABEL_LENGTH,
    LABELS_ALLOWED,
    Mail,
    address_of,
    bracketed,
    events_of,
    later,
    size_of,
    text_of,
)

TIME_MS = 1_795_502_929_000


def mail(recipients: dict[str, Delivery] | None = None, **fields: Any) -> Mail:
    whole: dict[str, Any] = {"identity": ("1",), "time_ms": TIME_MS, "sender": "jo@mod.example", **fields}
    return Mail(recipients={"a@x.org": "delivered"} if recipients is None else recipients, **whole)


def test_an_event_is_one_that_the_pipeline_takes() -> None:
    (event,) = events_of(mail(message_id="m", subject="", labels=["", "SECRET"], attachments=[]), "zeek")
    assert decode(encode(event), now_ms=None) == event
    assert (event.message_id, event.subject, event.labels, event.attachments) == ("<m>", None, ["SECRET"], None)
    assert (event.source, event.id.split(":")[0]) == ("zeek", "zeek")


@pytest.mark.parametrize(
    ("recipients", "expected"),
    [
        ({"a@x.org": "unknown", "b@x.org": "unknown"}, None),
        ({"a@x.org": "failed", "b@x.org": "failed"}, "failed"),
        ({"a@x.org": "failed", "b@x.org": "unknown"}, {"a@x.org": "failed", "b@x.org": "unknown"}),
    ],
)
def test_one_status_stands_for_all_and_unknown_for_none(recipients: dict[str, Delivery], expected: object) -> None:
    (event,) = events_of(mail(recipients), "zeek")
    assert event.delivery == expected


def test_local_users_are_left_out_and_a_mail_to_them_alone_is_no_event() -> None:
    (event,) = events_of(mail({"root": "delivered", "a@x.org": "failed"}), "exim")
    assert (event.recipients, event.delivery) == (["a@x.org"], "failed")
    assert list(events_of(mail({"root": "delivered"}), "exim")) == []


def test_many_recipients_make_several_events_each_with_an_id_of_its_own() -> None:
    many: dict[str, Delivery] = {f"r{number:06}@x.org": "delivered" for number in range(RECIPIENTS_ALLOWED + 1)}
    events = list(events_of(mail(many), "exim"))
    assert [len(event.recipients) for event in events] == [RECIPIENTS_ALLOWED, 1]
    assert len({event.id for event in events}) == 2


def test_the_id_is_the_same_each_time_and_another_for_another_status_or_mail() -> None:
    mails = [mail(), mail({"a@x.org": "failed"}), mail({"b@x.org": "delivered"}), mail(identity=("2",))]
    ids = [[event.id for event in events_of(each, "exim")] for each in mails]
    assert ids == [[event.id for event in events_of(each, "exim")] for each in mails]
    assert len({str(one) for one in ids}) == 4


def test_labels_are_bounded() -> None:
    (event,) = events_of(mail(labels=["x" * 9_999] * 9_999), "exim")
    assert event.labels == ["x" * LABEL_LENGTH] * LABELS_ALLOWED


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"sender": "nobody"}, "bad-address"),
        ({"sender": "x" * 2_000 + "@x.org"}, "bad-address"),
        ({"time_ms": 1_795_502_929}, "time-out-of-range"),
        ({"time_ms": LATEST_MS}, "time-out-of-range"),
    ],
)
def test_what_no_event_may_have_is_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnreadableRecord) as caught:
        list(events_of(mail(**fields), "exim"))
    assert caught.value.reason == reason


@pytest.mark.parametrize("sender", ["", "<>", " <> "])
def test_a_bounce_has_an_empty_sender(sender: str) -> None:
    (event,) = events_of(mail(sender=sender), "exim")
    assert (event.sender, event.is_bounce) == ("", True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("m@x", "<m@x>"),
        ("<m@x>", "<m@x>"),
        (" <m@x> ", "<m@x>"),
        ("", None),
        ("<>", None),
        (None, None),
        ("<  >", None),
        ("x" * 1_022, f"<{'x' * 1_022}>"),
    ],
)
def test_message_ids_are_in_angle_brackets(written: str | None, expected: str | None) -> None:
    assert bracketed(written) == expected


@pytest.mark.parametrize(
    ("known", "new", "expected"),
    [
        (None, "deferred", "deferred"),
        ("deferred", "held", "held"),
        ("delivered", "deferred", "delivered"),
        ("failed", "delivered", "delivered"),
        ("deferred", "failed", "failed"),
    ],
)
def test_the_later_of_two_statuses(known: Delivery | None, new: Delivery, expected: Delivery) -> None:
    assert later(known, new) == expected


def test_an_addresses_domain_is_in_lower_case() -> None:
    assert address_of(" <Jo@Mod.Example> ") == "Jo@mod.example"


def test_what_is_not_utf8_in_a_text_is_replaced() -> None:
    assert text_of(b"\xc3\xbc") == "\N{LATIN SMALL LETTER U WITH DIAERESIS}"
    assert text_of(b"a\xffb") == "a\ufffdb"


@pytest.mark.parametrize(
    ("digits", "size"), [(b"0", 0), (b"9" * 15, 10**15 - 1), (b"9" * 16, None), (b"9" * 50_000, None)]
)
def test_a_size_that_no_mail_has_is_none(digits: bytes, size: int | None) -> None:
    """Python reads no number of more than 4,300 digits, and an event may have no size beyond 2**53."""
    assert size_of(digits) == size
    (event,) = events_of(mail(size=size_of(digits)), "postfix")
    assert decode(encode(event), now_ms=None) == event
