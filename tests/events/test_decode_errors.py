"""What is said of a record that the JSON decoder refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from streams.console.stored_finding import finding_of
from streams.errors import UnreadableRecord
from streams.events.alert_view import read_alert
from streams.events.decode_errors import DECODER_ERRORS, unreadable
from streams.events.hit import decode_hit_or_tick
from streams.events.mail import decode
from streams.events.reasons import Reason
from streams.notify.notifier import recipients_of
from streams.triage.decision import read_decision


class Part(msgspec.Struct):
    size: Annotated[int, Meta(ge=0)]


class Whole(msgspec.Struct):
    """With a field for each kind of refusal; `sender` and `recipients` have reasons of their own."""

    sender: Annotated[str, Meta(max_length=5)] = ""
    recipients: Annotated[list[Annotated[str, Meta(max_length=5)]], Meta(max_length=2)] = []
    name: Annotated[str, Meta(min_length=2)] = "ab"
    time: Annotated[datetime, Meta(tz=True)] | None = None
    word: Annotated[str, Meta(pattern="^[a-z]+$")] = "a"
    parts: list[Part] = []


def refusal(value: bytes) -> tuple[Reason, str]:
    with pytest.raises(DECODER_ERRORS) as caught:
        msgspec.json.decode(value, type=Whole)
    error = unreadable(value, caught.value)
    return Reason(error.reason), error.detail


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (b"{", Reason.NOT_JSON, "The record is not JSON: Input data was truncated."),
        (b'{"name": "\xff"}', Reason.NOT_UTF8, "The record is not UTF-8."),
        (b'{"x": ' + b"[" * 1_000_000, Reason.TOO_DEEP, "The record's arrays or objects are nested too deep."),
        (b"[]", Reason.WRONG_TYPE, "The record has the wrong type: expected `object`, got `array`."),
        (b'{"name": 1}', Reason.WRONG_TYPE, "`name` has the wrong type: expected `str`, got `int`."),
        (b'{"parts": [{}]}', Reason.MISSING_FIELD, "The field `size` of `parts[0]` is missing."),
        (b'{"parts": [{"size": -1}]}', Reason.BAD_VALUE, "`parts[0].size` is not allowed: expected `int` >= 0."),
        (b'{"name": "a"}', Reason.BAD_VALUE, "`name` is not allowed: expected `str` of length >= 2."),
        (
            b'{"recipients": ["a", "b", "c"]}',
            Reason.TOO_MANY_RECIPIENTS,
            "`recipients` has too many entries: expected `array` of length <= 2.",
        ),
        (
            b'{"recipients": ["a", "toolong"]}',
            Reason.BAD_ADDRESS,
            "`recipients[1]` is too long: expected `str` of length <= 5.",
        ),
        (b'{"sender": "toolong"}', Reason.BAD_ADDRESS, "`sender` is too long: expected `str` of length <= 5."),
        (
            b'{"time": "2026-01-01T00:00:00"}',
            Reason.BAD_VALUE,
            "`time` is not allowed: expected `datetime` with a timezone component.",
        ),
        (b'{"word": "A"}', Reason.BAD_VALUE, "`word` has a value that is not allowed."),
    ],
)
def test_the_field_is_named_and_what_is_wrong_with_it(value: bytes, reason: Reason, detail: str) -> None:
    assert refusal(value) == (reason, detail)


@given(st.text("abcdefgh", min_size=8, max_size=20))
def test_content_is_never_repeated(secret: str) -> None:
    for field in ("sender", "word"):
        _, detail = refusal(msgspec.json.encode({field: secret.upper() + "1"}))
        assert secret.upper() not in detail


TOO_DEEP = b'{"x":' + b"[" * 100_000
"""In a field that no reader of records knows."""


READERS = (read_alert, finding_of, recipients_of, read_decision, partial(decode, now_ms=None), decode_hit_or_tick)


@pytest.mark.parametrize("read", READERS, ids=["alert", "finding", "recipients", "decision", "event", "hit"])
@pytest.mark.parametrize("value", [TOO_DEEP, b'{"evidences":"\xff"}', b"", b"{", b'{"evidences":5}'])
def test_no_record_is_more_than_unreadable(read: Callable[[bytes], object], value: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        read(value)


def test_each_reader_of_json_takes_all_errors_of_the_decoder() -> None:
    """`except msgspec.MsgspecError` alone lets a RecursionError through, which whoever writes the record can cause."""
    sources = [path for path in Path("streams").rglob("*.py") if path.name != "decode_errors.py"]
    named = re.compile(r"except.*(?:MsgspecError|DecodeError|ValidationError)")
    assert len(sources) > 100
    assert [path for path in sources if "msgspec" in path.read_text() and named.search(path.read_text())] == []
