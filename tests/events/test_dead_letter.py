from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.dead_letter import DeadLetter, DeadLetterContent, build_dead_letter, decode, encode
from streams.events.privacy import Privacy
from streams.events.reasons import Reason

PRIVACY = Privacy(b"a key of the tests")
ERROR = UnreadableRecord(Reason.NOT_JSON, "The record is not JSON: trailing characters (byte 75).")
MEGABYTE = 1_048_576


def sample(value: bytes | None = b'{"id":', key: bytes | None = b"Jo@mod.example") -> DeadLetter:
    return build_dead_letter(
        ERROR,
        topic="mail.events",
        partition=3,
        offset=2**40,
        time_ms=1_689_580_800_123,
        key=key,
        value=value,
        privacy=PRIVACY,
    )


def test_the_headers_have_the_reason_and_the_origin() -> None:
    assert encode(sample(), keep="whole", max_bytes=MEGABYTE) == (
        PRIVACY.digest("jo@mod.example").encode(),
        b'{"id":',
        [
            ("reason", b"not-json"),
            ("detail", b"The record is not JSON: trailing characters (byte 75)."),
            ("topic", b"mail.events"),
            ("partition", b"3"),
            ("offset", b"1099511627776"),
            ("time", b"1689580800123"),
        ],
    )


@given(
    value=st.none() | st.binary(max_size=2_000),
    key=st.none() | st.binary(max_size=50),
    keep=st.sampled_from(("whole", "metadata")),
    max_bytes=st.integers(600, 3_000),
)
def test_it_is_read_back_as_far_as_it_was_stored(
    value: bytes | None, key: bytes | None, keep: DeadLetterContent, max_bytes: int
) -> None:
    sent = sample(value, key)
    encoded = encode(sent, keep=keep, max_bytes=max_bytes)
    read = decode(*encoded)
    assert read == replace(sent, value=encoded.value)
    assert read.is_whole is (encoded.value == value)
    assert (value or b"").startswith(encoded.value or b"")
    assert (encoded.value is None) is (value is None)


def test_keeping_only_metadata_drops_the_value_and_adds_a_header() -> None:
    encoded = encode(sample(), keep="metadata", max_bytes=MEGABYTE)
    assert (encoded.value, encoded.headers[-1]) == (b"", ("dropped", b"6"))
    assert not decode(*encoded).is_whole


def test_a_value_that_is_too_large_is_cut_and_adds_a_header() -> None:
    encoded = encode(sample(b"x" * 2 * MEGABYTE), keep="whole", max_bytes=MEGABYTE)
    size = sum(len(name) + len(text) for name, text in encoded.headers) + len(encoded.value or b"")
    assert MEGABYTE - 400 < size < MEGABYTE
    assert encoded.headers[-1] == ("cut", b"2097152")


@pytest.mark.parametrize("value", [None, b""])
def test_an_empty_record_is_complete_whatever_is_kept(value: bytes | None) -> None:
    encoded = encode(sample(value), keep="metadata", max_bytes=MEGABYTE)
    assert encoded.value == value
    assert decode(*encoded).is_whole


def test_the_key_is_only_stored_as_a_digest() -> None:
    encoded = encode(sample(key=b"private\xff@mod.example"), keep="whole", max_bytes=MEGABYTE)
    assert b"private" not in repr(encoded).encode()
    assert encode(sample(key=None), keep="whole", max_bytes=MEGABYTE).key is None


@pytest.mark.parametrize(
    ("name", "text", "reason", "detail"),
    [
        ("offset", None, Reason.MISSING_FIELD, "The header `offset` is missing, so it is not a dead letter."),
        ("partition", b"x", Reason.BAD_VALUE, "The header `partition` is not an integer."),
        ("cut", b"", Reason.BAD_VALUE, "The header `cut` is not an integer."),
        ("topic", b"\xff", Reason.NOT_UTF8, "The header `topic` is not UTF-8."),
    ],
)
def test_a_missing_or_wrong_header_is_an_error(name: str, text: bytes | None, reason: Reason, detail: str) -> None:
    encoded = encode(sample(), keep="whole", max_bytes=MEGABYTE)
    with pytest.raises(UnreadableRecord) as caught:
        decode(encoded.key, encoded.value, {**dict(encoded.headers), name: text}.items())
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


def test_a_record_without_headers_is_an_error() -> None:
    with pytest.raises(UnreadableRecord, match="header `reason` is missing"):
        decode(None, b"x", None)
