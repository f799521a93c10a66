"""Log lines in JSON."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.sources.log_json import JsonLine, read_json_line


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"MESSAGE": "x", "__REALTIME_TIMESTAMP": "1000001"}, (b"1.000001", b"", b"", b"x", False)),
        ({"MESSAGE": [120, 255], "SYSLOG_IDENTIFIER": "exim4"}, (b"", b"", b"exim4", b"x\xff", False)),
        ({"log": "x\n", "stream": "stdout", "time": "t"}, (b"t", b"", b"", b"x", True)),
        ({"message": "x", "host": {"name": "mx"}, "tag": "a[7]"}, (b"", b"mx", b"a", b"x", False)),
    ],
)
def test_its_parts(row: dict[str, object], expected: tuple[object, ...]) -> None:
    assert read_json_line(orjson.dumps(row)) == JsonLine(*expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("record", [b"{", b"{}", b'{"MESSAGE": null}', b'{"message": [300]}', b'{"msg": ["a"]}', b"[]"])
def test_what_is_no_line(record: bytes) -> None:
    assert read_json_line(record) is None


names = st.sampled_from(["MESSAGE", "host", "process", "@timestamp", "__REALTIME_TIMESTAMP", "tag", "stream"])
values = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(names, values | st.dictionaries(st.sampled_from(["name", "hostname"]), values)))
def test_any_row_has_parts_or_none(row: dict[str, object]) -> None:
    read_json_line(json.dumps(row).encode())
