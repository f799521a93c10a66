"""The schema and the reader of mail events agree, both ways.

Only the reader checks these: integers have no fraction (1.0 is an integer in JSON Schema), times are not ahead of the
clock, and the offset from UTC counts on the first and last day of the range.
"""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.mail import Attachment, MailEvent, decode
from tests.events.samples import fields
from tests.schemas.generate import documents
from tests.schemas.load import is_valid, schema

SCHEMA = schema("mail-event")
FIELDS = sorted(SCHEMA["properties"])

events = documents("mail-event").filter(lambda event: str(event["time"])[:10] not in ("1990-01-01", "2099-12-31"))
odd_values: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, 0, -1, 1.5, 2**53, 10**30, "", "x", "a@b", "a@", "@", "<>", "<a@b>", [], {}, [[]], [None], [""]),
        *(["a@b"], ["a@b", "x"], ["a@b", 1], "delivered", "lost", {"a@b": "held"}, {"a@b": "lost"}, {"a@b": None}),
        *("outbound", "sideways", "2023-07-17T08:00:00Z", "2023-07-17T08:00:00", "2023-02-29T08:00:00Z", "2023-07-17"),
        *(1_689_580_800, 1_689_580_800_123, 1_689_580_800_123_000, [{"name": "x", "size": 1}], [{"name": 1}]),
        *([{"size": -1}], [{"size": 1.5}], ["x"], "x" * 257, "x" * 513, "x" * 1025, ["x" * 257], ["x"] * 101),
        *([f"{'x' * 512}@b"], "2023-07-17T24:00:00Z", "2023-07-17T08:00:60Z", "2023-07-17T08:00:00+24:00"),
    ]
)


def accepted(event: object) -> bool:
    try:
        decode(json.dumps(event).encode(), now_ms=None)
    except UnreadableRecord:
        return False
    return True


def test_the_fields_are_those_of_the_reader() -> None:
    assert sorted(MailEvent.__struct_encode_fields__) == FIELDS
    assert SCHEMA["required"] == [field.name for field in msgspec.structs.fields(MailEvent) if field.required]
    assert set(SCHEMA["properties"]["attachments"]["items"]["properties"]) == set(Attachment.__struct_fields__)


@pytest.mark.fuzz
@given(events)
def test_what_the_schema_allows_is_read(event: dict[str, Any]) -> None:
    assert accepted(event)


@pytest.mark.fuzz
@given(events, st.sampled_from(FIELDS), odd_values)
def test_schema_and_reader_agree_on_a_changed_event(event: dict[str, Any], name: str, value: object) -> None:
    changed = event | {name: value}
    assert accepted(changed) is is_valid("mail-event", changed)


@pytest.mark.fuzz
@pytest.mark.parametrize("name", FIELDS)
@given(odd_values)
def test_schema_and_reader_agree_on_each_field(name: str, value: object) -> None:
    changed = fields(**{name: value})
    assert accepted(changed) is is_valid("mail-event", changed)


@pytest.mark.parametrize("name", FIELDS)
def test_schema_and_reader_need_the_same_fields(name: str) -> None:
    without = fields(**{name: ...})
    assert accepted(without) is is_valid("mail-event", without)


@pytest.mark.fuzz
@given(st.text("@<> \t\r\nab.é", max_size=8))
def test_schema_and_reader_take_the_same_texts_for_addresses(text: str) -> None:
    for changed in (fields(sender=text), fields(recipients=[text])):
        assert accepted(changed) is is_valid("mail-event", changed)


@pytest.mark.parametrize("event", [None, [], 1, "x", True])
def test_an_event_is_an_object(event: object) -> None:
    assert not accepted(event)
    assert not is_valid("mail-event", event)
