"""Any bytes give an event or an `UnreadableRecord`, alone and among others, and a strict parser reads every accepted
record too."""

import json
import random
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.addresses import is_plain
from streams.events.mail import AT_ONCE, EARLIEST_MS, LATEST_MS, MailEvent, PlainEvents, decode, decode_groups
from streams.events.reasons import Reason
from tests.events.samples import NOW_MS, value

PIECES = [
    *(bytes([byte]) for byte in b'{}[],:"\\@<>-+.eE0129 \t\x00\x7f\x80\xc3\xed\xff'),
    *(b"null", b"true", b"NaN", b"1e999", b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"recipients":'),
    *(b'"', b"99999999999999999999", b"{" * 40, b'{"x":' * 1_100, "é".encode(), "\uff4d".encode()),
]


GOOD = value()
TWO_FIELDS = value()[:-1] + b',"recipients":["a@army.ml"]}'


def outcome(raw: bytes | None, now_ms: int | None = NOW_MS) -> MailEvent | UnreadableRecord:
    try:
        return decode(raw, now_ms=now_ms)
    except UnreadableRecord as refused:
        return refused


def check_together(records: Sequence[bytes | None]) -> None:
    """Check that each of these records is decoded, or refused for the same reason, as if it were alone."""
    for now_ms in (NOW_MS, None):
        together, alone = [], [outcome(record, now_ms) for record in records]
        for group in decode_groups(records, now_ms=now_ms):
            events = list(group.events)
            together += events
            if group.plain is not None:
                assert group.plain == plain_events(group.plain.events)
        assert list(map(_comparable, together)) == list(map(_comparable, alone))


def plain_events(events: list[MailEvent]) -> PlainEvents:
    """What a look at each of these events finds."""
    recipients = [recipient for event in events for recipient in event.recipients]
    senders = [event.sender for event in events if event.sender]
    assert all(map(is_plain, recipients))
    return PlainEvents(
        events,
        newest_ms=max(event.time_ms for event in events),
        has_bounces=any(event.is_bounce for event in events),
        sender_domains={sender.rpartition("@")[2] for sender in senders},
        recipient_domains=[recipient.rpartition("@")[2] for recipient in recipients],
    )


def _comparable(result: MailEvent | UnreadableRecord) -> object:
    return (result.reason, result.detail) if isinstance(result, UnreadableRecord) else result


def check_outcome(raw: bytes) -> bool:
    """Whether the bytes were accepted; checks what must be true of an event or of an error."""
    check_together([GOOD, raw])
    result = outcome(raw)
    if isinstance(result, UnreadableRecord):
        assert result.reason in set(Reason)
        assert result.detail.endswith(".")
        result.detail.encode()
        return False
    assert isinstance(result.time, int)
    assert EARLIEST_MS <= result.time_ms < LATEST_MS
    assert result.recipients
    assert all(result.domains)
    assert json.loads(raw, parse_constant=int)["id"] == result.id
    return True


@pytest.mark.fuzz
@given(st.binary(max_size=200))
@example(b"\x00")
def test_any_bytes(raw: bytes) -> None:
    assert not check_outcome(raw)


@pytest.mark.fuzz
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: (
    st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(list(json.loads(value()))) | st.text(), inner)
)))  # fmt: skip
def test_any_json(document: object) -> None:
    check_outcome(json.dumps(document).encode())


ADDRESSES = st.sampled_from(["a@army.ml", "o'brien@army.ml"]) | st.text("ab@.\n '\"<>,:=+é\u200b", max_size=8)
TIMES = st.sampled_from(["2023-07-17T08:00:00.123Z", NOW_MS, EARLIEST_MS - 1, LATEST_MS, NOW_MS + 10**9])
EVENTS = st.builds(value, sender=ADDRESSES, recipients=st.lists(ADDRESSES, max_size=3), time=TIMES)


@pytest.mark.fuzz
@given(st.lists(EVENTS, min_size=1, max_size=3))
@example([value(message_id=" ")])
@example([value(sender="prvs=0123456789=jo@mod.example")])
@example([value(sender="SRS0=Ab3d=TT=mod.example=jo@forwarder.example")])
@example([value(sender="group+bncBDAZ5K6Y4YGBB@mod.example")])
@example([value(sender="")])
def test_any_addresses_and_times(records: list[bytes]) -> None:
    check_together([GOOD, *records, GOOD])
    check_together(records)


@pytest.mark.parametrize("seed", range(20))
def test_mutated_events(seed: int) -> None:
    rng = random.Random(seed)
    accepted = 0
    previous = TWO_FIELDS
    for _ in range(500):
        raw = bytearray(value(subject="é", extra={"x": [1, "\\"]}))
        for _ in range(rng.choice((1, 1, 2, 4))):
            start = rng.randrange(len(raw))
            raw[start : start + rng.choice((0, 0, 1, 1, 3, 20))] = rng.choice(PIECES) if rng.random() < 0.8 else b""
        accepted += check_outcome(bytes(raw))
        check_together([previous, bytes(raw)])
        previous = bytes(raw)
    assert 0 < accepted < 500


@pytest.mark.parametrize("length", range(0, len(value()), 7))
def test_truncated_events(length: int) -> None:
    assert not check_outcome(value()[:length])


ESCAPED_FIELD = GOOD.replace(b'"recipients"', b'"recipient\\u0073"')
NO_FIELD = value(recipients=...)
HOSTILE = [
    *(None, b"", b"{", TWO_FIELDS, ESCAPED_FIELD, NO_FIELD, TWO_FIELDS.replace(b"nts", b"n\\u0074s", 1)),
    *(
        value(subject="recipients"),
        value(subject='"recipients"'),
        value(subject="\\u0041"),
        value(extra={"recipients": 1}),
    ),
    *(
        value(subject="é"),
        json.dumps({"subject": "é"}, ensure_ascii=False).encode(),
        GOOD[:-1] + b',"x":"\xed\xa0\x80"}',
    ),
    *(
        value(recipients=[]),
        value(recipients="a@b.example"),
        value(recipients=["a"]),
        value(sender="a"),
        value(sender=""),
    ),
    *(value(time=number) for number in (EARLIEST_MS - 1, EARLIEST_MS, LATEST_MS - 1, LATEST_MS, 10**30, 1.5)),
    *(value(sender="<Jo@mod.example>"), value(recipients=["Jo <a@army.ml>, b@army.mil"]), value(message_id="<>")),
    *(b'"recipients"', b'["recipients"]', b'{"x":' * 5_000, GOOD + b"\n" + GOOD, b"\n" + GOOD, b" ", b"null"),
]


@pytest.mark.parametrize("first", HOSTILE, ids=range(len(HOSTILE)))
def test_no_record_hides_what_is_wrong_with_another(first: bytes | None) -> None:
    check_together([GOOD, first, GOOD])
    for second in HOSTILE:
        check_together([first, second])


def test_records_with_addresses_that_take_time_are_decoded_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def slowly(text: str) -> list[str]:
        read.append(text)
        return ["a@army.ml"]

    monkeypatch.setattr("streams.events.mail.addresses_in", slowly)
    (group,) = decode_groups([value(recipients=[f"A <{number}@army.ml>"]) for number in range(5)], now_ms=NOW_MS)
    assert [len(read) for _ in group.events] == [1, 2, 3, 4, 5]


def test_records_beyond_those_that_are_decoded_at_once_keep_their_order() -> None:
    check_together([value(id=f"e{number}", subject="x" * (number % 7)) for number in range(2 * AT_ONCE + 3)])
    check_together([GOOD] * AT_ONCE + [TWO_FIELDS, *[GOOD] * AT_ONCE, NO_FIELD])
    check_together([])
