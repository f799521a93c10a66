import json
from typing import Any

import pytest

from streams.errors import UnreadableRecord
from streams.events.mail import LATEST_MS, Attachment, MailEvent, decode, encode
from streams.events.reasons import Reason
from tests.events.samples import NOW_MS, event, value

PRIVATE = "private@hidden.example"


def refusal(raw: bytes | None, now_ms: int | None = NOW_MS) -> UnreadableRecord:
    with pytest.raises(UnreadableRecord) as caught:
        decode(raw, now_ms=now_ms)
    return caught.value


def with_field(text: str) -> bytes:
    """A complete event with one more field, written as JSON text."""
    return value()[:-1] + b"," + text.encode("utf-8", "surrogatepass") + b"}"


def test_every_field_is_read() -> None:
    assert event() == MailEvent(
        id="e1",
        time=1_689_580_800_123,
        sender="Jo@mod.example",
        recipients=["a@army.ml", "b@army.mil"],
        message_id="<m1@mod.example>",
        delivery="delivered",
        subject="Itinerary",
        size=2048,
        attachments=[Attachment("plan.pdf", 1024)],
        direction="outbound",
        source="postfix",
        labels=["protect"],
    )


OPTIONAL = ("message_id", "delivery", "subject", "size", "attachments", "direction", "source", "labels")


@pytest.mark.parametrize("absent", [..., None], ids=["left out", "null"])
def test_the_optional_fields_may_be_absent(absent: Any) -> None:
    read = event(**dict.fromkeys(OPTIONAL, absent))
    assert [getattr(read, name) for name in OPTIONAL] == [None] * len(OPTIONAL)


def test_unknown_fields_are_allowed_and_dropped() -> None:
    assert encode(event(queue={"id": [1.5, "x"]}, sender_ip="::1")) == encode(event())


def test_encoding_and_decoding_gives_the_same() -> None:
    assert decode(encode(event()), now_ms=NOW_MS) == event()


@pytest.mark.parametrize(
    ("time", "time_ms"),
    [
        (1_689_580_800_123, 1_689_580_800_123),
        ("2023-07-17T08:00:00Z", 1_689_580_800_000),
        ("2023-07-17T10:00:00.123+02:00", 1_689_580_800_123),
        ("2023-07-17T08:00:00.123999Z", 1_689_580_800_123),
        ("2023-07-17 08:00:00z", 1_689_580_800_000),
        ("1990-01-01T00:00:00Z", 631_152_000_000),
    ],
)
def test_times(time: Any, time_ms: int) -> None:
    read = event(time=time)
    assert (read.time, read.time_ms) == (time_ms, time_ms)
    assert MailEvent(id="x", time=read.time, sender="", recipients=["a@b"]).time_ms == time_ms


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        (1_689_580_800, Reason.TIME_OUT_OF_RANGE),  # seconds
        (1_689_580_800_000_000, Reason.TIME_OUT_OF_RANGE),  # microseconds
        (10**40, Reason.TIME_OUT_OF_RANGE),
        (-1, Reason.TIME_OUT_OF_RANGE),
        (LATEST_MS, Reason.TIME_OUT_OF_RANGE),
        ("1989-12-31T23:59:59.999Z", Reason.TIME_OUT_OF_RANGE),
        ("0001-01-01T00:00:00+14:00", Reason.TIME_OUT_OF_RANGE),
        ("9999-12-31T23:59:59-14:00", Reason.TIME_OUT_OF_RANGE),
        (NOW_MS + 300_001, Reason.TIME_IN_FUTURE),
        ("2023-07-17T08:00:00", Reason.BAD_VALUE),
        ("2023-02-29T08:00:00Z", Reason.BAD_VALUE),
        ("yesterday", Reason.BAD_VALUE),
        (1_689_580_800_123.0, Reason.WRONG_TYPE),
        (True, Reason.WRONG_TYPE),
        (None, Reason.WRONG_TYPE),
    ],
)
def test_times_refused(time: Any, reason: Reason) -> None:
    assert refusal(value(time=time)).reason == reason


def test_five_minutes_ahead_are_allowed_and_any_time_in_history() -> None:
    assert event(time=NOW_MS + 300_000).time_ms == NOW_MS + 300_000
    assert decode(value(time=LATEST_MS - 1), now_ms=None).time_ms == LATEST_MS - 1


@pytest.mark.parametrize(
    ("changed", "reason", "detail"),
    [
        ({"id": ...}, Reason.MISSING_FIELD, "The field `id` is missing."),
        ({"recipients": ...}, Reason.MISSING_FIELD, "The field `recipients` is missing."),
        ({"id": ""}, Reason.BAD_VALUE, "`id` is not allowed: expected `str` of length >= 1."),
        ({"id": 7}, Reason.WRONG_TYPE, "`id` has the wrong type: expected `str`, got `int`."),
        ({"id": "x" * 513}, Reason.BAD_VALUE, "`id` is not allowed: expected `str` of length <= 512."),
        ({"sender": None}, Reason.WRONG_TYPE, "`sender` has the wrong type: expected `str`, got `null`."),
        ({"sender": "root"}, Reason.BAD_ADDRESS, "`sender` is not an address; it is empty for a bounce."),
        ({"sender": "root@"}, Reason.BAD_ADDRESS, "`sender` is not an address; it is empty for a bounce."),
        ({"sender": f"{'x' * 600}@a.b"}, Reason.BAD_ADDRESS, "`sender` is too long: expected `str` of length <= 512."),
        ({"recipients": []}, Reason.BAD_VALUE, "`recipients` is not allowed: expected `array` of length >= 1."),
        ({"recipients": PRIVATE}, Reason.WRONG_TYPE, "`recipients` has the wrong type: expected `array`, got `str`."),
        ({"recipients": [PRIVATE, "a"]}, Reason.BAD_ADDRESS, "One of `recipients` is not an address."),
        ({"recipients": [PRIVATE, ""]}, Reason.BAD_ADDRESS, "One of `recipients` is not an address."),
        ({"recipients": [PRIVATE, "<>"]}, Reason.BAD_ADDRESS, "One of `recipients` is not an address."),
        (
            {"recipients": ["x" * 513]},
            Reason.BAD_ADDRESS,
            "`recipients[0]` is too long: expected `str` of length <= 512.",
        ),
        (
            {"recipients": ["a@b.example"] * 10_001},
            Reason.TOO_MANY_RECIPIENTS,
            "`recipients` has too many entries: expected `array` of length <= 10000.",
        ),
        ({"delivery": PRIVATE}, Reason.BAD_VALUE, "`delivery` has a value that is not allowed."),
        ({"delivery": {PRIVATE: PRIVATE}}, Reason.BAD_VALUE, "`delivery[...]` has a value that is not allowed."),
        ({"direction": PRIVATE}, Reason.BAD_VALUE, "`direction` has a value that is not allowed."),
        ({"direction": f"x - at `$.{PRIVATE}"}, Reason.BAD_VALUE, "`direction` has a value that is not allowed."),
        ({"size": -1}, Reason.BAD_VALUE, "`size` is not allowed: expected `int` >= 0."),
        ({"size": "12"}, Reason.WRONG_TYPE, "`size` has the wrong type: expected `int | null`, got `str`."),
        ({"labels": "x"}, Reason.WRONG_TYPE, "`labels` has the wrong type: expected `array | null`, got `str`."),
        (
            {"attachments": [{"size": PRIVATE}]},
            Reason.WRONG_TYPE,
            "`attachments[0].size` has the wrong type: expected `int | null`, got `str`.",
        ),
    ],
)
def test_events_refused(changed: dict[str, Any], reason: Reason, detail: str) -> None:
    refused = refusal(value(**changed))
    assert (refused.reason, refused.detail) == (reason, detail)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (None, Reason.EMPTY),
        (b"", Reason.EMPTY),
        (b" ", Reason.NOT_JSON),
        (b"{", Reason.NOT_JSON),
        (b"\xef\xbb\xbf" + value(), Reason.NOT_JSON),
        (value() + b"x", Reason.NOT_JSON),
        (value() * 2, Reason.NOT_JSON),
        (value().decode().encode("utf-16"), Reason.NOT_UTF8),
        (value(subject="AAA").replace(b"AAA", b"\xff"), Reason.NOT_UTF8),
        (value(ignored="AAA").replace(b"AAA", b"\xff"), Reason.NOT_UTF8),
        (value(ignored="AAA").replace(b"AAA", b"\xed\xa0\x80"), Reason.NOT_UTF8),
        (b'{"ignored": "\xff"}', Reason.NOT_UTF8),
        (b"null", Reason.WRONG_TYPE),
        (b"[]", Reason.WRONG_TYPE),
        (with_field('"x": NaN'), Reason.NOT_JSON),
        (with_field('"x": Infinity'), Reason.NOT_JSON),
        (with_field('"x": 01'), Reason.NOT_JSON),
        (with_field('"x": "\\ud800"'), Reason.NOT_JSON),
        (with_field('"\\udc00": 1'), Reason.NOT_JSON),
        (with_field('"x": "\x01"'), Reason.NOT_JSON),
        (with_field('"x": [1,]'), Reason.NOT_JSON),
        (with_field('"size": ' + "9" * 5_000), Reason.BAD_VALUE),
        (with_field('"recipients": ["c@army.ml"]'), Reason.DUPLICATE_FIELD),
        (with_field('"recip\\u0069ents": ["c@army.ml"]'), Reason.DUPLICATE_FIELD),
        (b"[" * 10_000_000, Reason.WRONG_TYPE),
        (b'{"x":' * 1_000_000, Reason.TOO_DEEP),
        (with_field('"x": ' + "[" * 10_000_000), Reason.TOO_DEEP),
    ],
    ids=lambda raw: "" if isinstance(raw, Reason) else repr(raw and raw[-20:]),
)
def test_records_refused(raw: bytes | None, reason: Reason) -> None:
    assert refusal(raw).reason == reason


@pytest.mark.parametrize("text", ['"x": 1e999', '"x": ' + "9" * 5_000, '"x": {"recipients": []}', '"x": "recipients"'])
def test_odd_but_valid_fields_are_ignored(text: str) -> None:
    assert decode(with_field(text), now_ms=NOW_MS) == event()


def test_if_sender_occurs_twice_the_last_counts() -> None:
    assert decode(with_field('"sender": "last@mod.example"'), now_ms=NOW_MS).sender == "last@mod.example"


def outcome(raw: bytes) -> MailEvent | UnreadableRecord:
    try:
        return decode(raw, now_ms=NOW_MS)
    except UnreadableRecord as refused:
        return refused


def test_nesting_that_only_the_check_for_two_recipients_cannot_read_is_an_unreadable_record_too() -> None:
    depths = (10, 100, *range(400, 1_100, 20), 5_000, 20_000, 1_000_000)
    reasons = [
        getattr(outcome(with_field(f'"x": {"[" * depth}"recipients"{"]" * depth}')), "reason", None) for depth in depths
    ]
    assert (reasons[0], reasons[-1], set(reasons)) == (None, Reason.TOO_DEEP, {None, Reason.TOO_DEEP})


@pytest.mark.parametrize(("sender", "bounce"), [("", True), ("<>", True), (" < > ", True), ("a@b", False)])
def test_an_empty_sender_is_a_bounce(sender: str, bounce: bool) -> None:
    assert event(sender=sender).is_bounce is bounce


def test_domains_are_distinct_and_lower_case() -> None:
    assert event(recipients=["a@Army.ML", "<b@army.ml>", '"x@y"@navy.ml']).domains == {"army.ml", "navy.ml"}


@pytest.mark.parametrize("name", json.loads(value()))
def test_no_detail_holds_content(name: str) -> None:
    for bad in (PRIVATE, {PRIVATE: PRIVATE}, [PRIVATE, {PRIVATE: PRIVATE}], [[PRIVATE]]):
        result = outcome(value(**{name: bad}))
        assert isinstance(result, MailEvent) or ("private" not in str(result) and result.__suppress_context__)


@pytest.mark.parametrize("message_id", ["", " ", "<>", "< >"])
def test_an_empty_message_id_is_none(message_id: str) -> None:
    """All mails with one would be the same mail."""
    assert decode(value(message_id=message_id), now_ms=None).message_id is None
