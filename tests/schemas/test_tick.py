import json
from typing import Any

import pytest
from hypothesis import given

from streams.errors import UnreadableRecord
from streams.events.hit import Tick, decode_hit_or_tick, encode_tick
from tests.schemas.generate import documents
from tests.schemas.load import is_valid


@pytest.mark.fuzz
@given(documents("tick"))
def test_what_the_schema_allows_is_read(document: dict[str, Any]) -> None:
    tick = decode_hit_or_tick(json.dumps({"tick": document["tick"]} | document, separators=(",", ":")).encode())
    assert isinstance(tick, Tick)
    assert json.loads(encode_tick(tick)) == {"tick": document["tick"], "of": document["of"]}


@pytest.mark.parametrize(
    "document",
    [
        {"tick": {"0": 1}},
        {"tick": {"0": 1}, "of": 0},
        {"tick": {"0": 1.5}, "of": 1},
        {"tick": {"0": None}, "of": 1},
        {"tick": {"0": 10**20}, "of": 1},
        {"tick": [1], "of": 1},
    ],
)
def test_what_the_schema_refuses_is_refused(document: dict[str, Any]) -> None:
    assert not is_valid("tick", document)
    with pytest.raises(UnreadableRecord):
        decode_hit_or_tick(json.dumps(document, separators=(",", ":")).encode())
