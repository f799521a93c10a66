"""The objects of a JSON file, in whatever shape it is written."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.json_objects import CHUNK_BYTES, json_objects

TEXTS = st.text('a"\\\\{}[]:\\n\u00fc', max_size=6)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=5,
)
OBJECTS = st.lists(st.dictionaries(TEXTS.filter(lambda name: name != "value"), VALUES, max_size=3), max_size=4)


def shaped(objects: list[dict[str, Any]], shape: str) -> str:
    if shape == "lines":
        return "\n".join(map(json.dumps, objects))
    if shape == "pages":
        pages = [{"next": "x", "value": objects[:1]}, {"value": objects[1:]}]
        return "\n".join(json.dumps(page, indent=1) for page in pages)
    return json.dumps(objects, indent=2 if shape == "pretty" else None)


@pytest.mark.fuzz
@pytest.mark.parametrize("shape", ["lines", "array", "pretty", "pages"])
@given(chunk=st.sampled_from([7, CHUNK_BYTES]), objects=OBJECTS)
def test_every_object_is_found_once(shape: str, chunk: int, objects: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streams.sources.json_objects.CHUNK_BYTES", chunk)
        too_long: list[int] = []
        found = list(json_objects(io.BytesIO(shaped(objects, shape).encode()), too_long.append))
    assert [json.loads(record.value) for record in found] == objects
    assert too_long == []


def test_a_line_is_not_taken_for_whole_where_a_part_of_it_ends_with_a_brace() -> None:
    start = b'{"parts": [' + b'{"a": 1},' * (CHUNK_BYTES // 9)
    padding = CHUNK_BYTES - len(start) - len(b'{"b": ""}')
    line = start + b'{"b": "' + b"x" * padding + b'"}' + b"]}"
    assert line[CHUNK_BYTES - 1 : CHUNK_BYTES] == b"}"
    (record,) = json_objects(io.BytesIO(line + b"\n"), print)
    assert record.value == line


def test_objects_have_the_number_of_their_first_line() -> None:
    text = b'[\n{"a":\n1},\n\n{"b": 2}\n]'
    assert [record.number for record in json_objects(io.BytesIO(text), print)] == [2, 5]


def test_an_object_that_never_ends_is_handed_on_to_be_refused() -> None:
    (record,) = json_objects(io.BytesIO(b'{"a": "x'), print)
    assert record.value == b'{"a": "x'
