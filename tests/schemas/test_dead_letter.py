"""The headers of dead letters are valid by their schema, which describes them as an object of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.dead_letter import DeadLetterContent, build_dead_letter, decode, encode
from streams.events.privacy import Privacy
from streams.events.reasons import Reason
from tests.schemas.generate import documents
from tests.schemas.load import is_valid, schema, validator

SCHEMA = schema("dead-letter")


def test_the_reasons_are_those_of_the_reader() -> None:
    assert SCHEMA["properties"]["reason"]["enum"] == list(Reason)


@pytest.mark.fuzz
@given(
    reason=st.sampled_from(Reason),
    place=st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1), st.integers(-1, 2**53)),
    value=st.none() | st.binary(max_size=2_000),
    keep=st.sampled_from(("whole", "metadata")),
)
def test_every_dead_letter_is_valid(
    reason: Reason, place: tuple[int, int, int], value: bytes | None, keep: DeadLetterContent
) -> None:
    partition, offset, time_ms = place
    sent = build_dead_letter(
        UnreadableRecord(reason, "The record is bad."),
        topic="mail.events",
        partition=partition,
        offset=offset,
        time_ms=time_ms,
        key=None,
        value=value,
        privacy=Privacy(b"k"),
    )
    headers = {name: text.decode() for name, text in encode(sent, keep=keep, max_bytes=1_500).headers}
    assert [error.message for error in validator("dead-letter").iter_errors(headers)] == []


@pytest.mark.fuzz
@given(documents("dead-letter"))
def test_what_the_schema_allows_is_read(headers: dict[str, object]) -> None:
    raw = [(name, str(text).encode()) for name, text in headers.items()]
    read = decode(None, b"{", raw)
    assert {"offset": str(read.offset), "reason": read.reason}.items() <= headers.items()


@pytest.mark.parametrize("name", SCHEMA["required"])
def test_schema_and_reader_require_the_same_headers(name: str) -> None:
    headers = {header: text for header, text in SCHEMA["examples"][0].items() if header != name}
    assert not is_valid("dead-letter", headers)
    with pytest.raises(UnreadableRecord, match=f"header `{name}` is missing"):
        decode(None, b"{", [(header, text.encode()) for header, text in headers.items()])
