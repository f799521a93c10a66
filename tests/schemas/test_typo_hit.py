"""The hits that the code builds are valid by the schema, and hits that the schema allows can be read."""

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.detection.build_hits import hits_of
from streams.errors import UnreadableRecord
from streams.events.hit import TypoHit, decode_hit_or_tick, encode_hit
from streams.events.mail import MailEvent, decode
from streams.events.mistaken_domain import MistakenDomain
from streams.events.privacy import Privacy, RecipientPrivacy, SenderPrivacy
from tests.schemas.generate import documents
from tests.schemas.load import schema, validator

SCHEMA = schema("typo-hit")
BROKER_LIMIT = 1_048_588
"""The most bytes of a record that a broker accepts by default."""

ARMY = MistakenDomain("army.ml", "army.mil", "suffix-omission", "army.ml lacks the i of army.mil", 0.97, certain=True)
ADDRESSES = ["a@army.ml", "B@Army.ML", "<b@army.ml>", "é@army.ml", "c@army.mil"]

privacies = st.builds(
    Privacy,
    st.binary(min_size=1, max_size=4),
    st.sampled_from(get_args(SenderPrivacy)),
    st.sampled_from(get_args(RecipientPrivacy)),
    st.booleans(),
)


def errors_of(hit: TypoHit) -> list[str]:
    """The schema's errors of a hit."""
    return [error.message for error in validator("typo-hit").iter_errors(json.loads(encode_hit(hit)))]


def test_the_fields_are_those_of_the_hit() -> None:
    fields = msgspec.structs.fields(TypoHit)
    assert list(SCHEMA["properties"]) == [field.name for field in fields]
    assert SCHEMA["required"] == [field.name for field in fields if field.required]


def test_the_defaults_are_those_of_the_hit() -> None:
    required: dict[str, Any] = dict.fromkeys(SCHEMA["required"])
    bare = TypoHit(**required)
    defaults = {name: field["default"] for name, field in SCHEMA["properties"].items() if "default" in field}
    assert defaults == {name: getattr(bare, name) for name in SCHEMA["properties"] if name not in SCHEMA["required"]}


@pytest.mark.fuzz
@given(documents("mail-event"), st.lists(st.sampled_from(ADDRESSES), min_size=1), privacies)
def test_every_hit_is_valid_and_is_read_back(document: dict[str, Any], recipients: list[str], privacy: Privacy) -> None:
    event = decode(json.dumps(document | {"time": 10**12, "recipients": recipients}).encode(), now_ms=None)
    for hit in hits_of(event, {"army.ml": ARMY}, privacy):
        assert errors_of(hit) == []
        assert decode_hit_or_tick(encode_hit(hit)) == hit


@pytest.mark.fuzz
@given(documents("typo-hit"))
def test_what_the_schema_allows_is_read(document: dict[str, Any]) -> None:
    hit = decode_hit_or_tick(json.dumps(document).encode())
    assert isinstance(hit, TypoHit)
    assert errors_of(hit) == []


@pytest.mark.parametrize("name", SCHEMA["required"])
def test_a_hit_without_a_field_that_the_schema_requires_is_refused(name: str) -> None:
    hit = {field: value for field, value in SCHEMA["examples"][0].items() if field != name}
    with pytest.raises(UnreadableRecord, match=f"field `{name}` is missing"):
        decode_hit_or_tick(json.dumps(hit).encode())


@pytest.mark.parametrize("character", ["x", "\x01", "\U0001f4e7"])
def test_brokers_accept_the_largest_hit(character: str) -> None:
    event = MailEvent(
        id=character * 512,
        time=10**12,
        sender=f"{character * 500}@mod.example",
        recipients=[f"{number:05}{character * 490}@army.ml" for number in range(10_000)],
        message_id=character * 1024,
        subject=character * 100_000,
        source=character * 256,
        labels=[character * 256] * 100,
    )
    (hit,) = hits_of(event, {"army.ml": ARMY}, Privacy(b"k", subject=True))
    assert errors_of(hit) == []
    assert len(encode_hit(hit)) < BROKER_LIMIT / 2
