"""Any bytes give an event or an `UnreadableRecord`, and a strict parser reads every accepted record too."""

import json
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.mail import EARLIEST_MS, LATEST_MS, MailEvent, decode
from streams.events.reasons import Reason
from tests.events.samples import NOW_MS, value

PIECES = [
    *(bytes([byte]) for byte in b'{}[],:"\\@<>-+.eE0129 \t\x00\x7f\x80\xc3\xed\xff'),
    *(b"null", b"true", b"NaN", b"1e999", b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"recipients":'),
    *(b'"', b"99999999999999999999", b"{" * 40, b'{"x":' * 1_100, "é".encode(), "\uff4d".encode()),
]


def outcome(raw: bytes) -> MailEvent | UnreadableRecord:
    try:
        return decode(raw, now_ms=NOW_MS)
    except UnreadableRecord as refused:
        return refused


def check_outcome(raw: bytes) -> bool:
    """Whether the bytes were accepted; checks what must be true of an event or of an error."""
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


@pytest.mark.parametrize("seed", range(20))
def test_mutated_events(seed: int) -> None:
    rng = random.Random(seed)
    accepted = 0
    for _ in range(500):
        raw = bytearray(value(subject="é", extra={"x": [1, "\\"]}))
        for _ in range(rng.choice((1, 1, 2, 4))):
            start = rng.randrange(len(raw))
            raw[start : start + rng.choice((0, 0, 1, 1, 3, 20))] = rng.choice(PIECES) if rng.random() < 0.8 else b""
        accepted += check_outcome(bytes(raw))
    assert 0 < accepted < 500


@pytest.mark.parametrize("length", range(0, len(value()), 7))
def test_truncated_events(length: int) -> None:
    assert not check_outcome(value()[:length])
