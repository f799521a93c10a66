"""Files cut into records."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from streams.sources.cut import csv_rows, cut, whole_lines
from streams.sources.files import content
from streams.sources.record import Record


def test_a_quote_that_is_never_closed_loses_no_more_than_the_limit() -> None:
    lines = [Record(1, b"a,b"), *(Record(n, b'"' + b"x" * 1000 if n == 2 else b"y" * 1000) for n in range(2, 5000))]
    too_long: list[int] = []
    rows = list(csv_rows(iter(lines), too_long.append))
    assert too_long == [2]
    assert len(rows) > 3000
    assert rows[0] == Record(1, b"a,b")


def test_an_object_that_never_ends_is_reported() -> None:
    too_long: list[int] = []
    file = content(io.BytesIO(b'{"a": 1}\n\n{"b": "' + b"x" * 5_000_000))
    assert [record.value for record in cut(file, "rows", too_long.append)] == [b'{"a": 1}']
    assert too_long == [3]


def test_numbers_of_lines() -> None:
    lines = whole_lines(io.BytesIO(b"a\r\n\n\nb\nc"), lambda _: None)
    assert list(lines) == [Record(1, b"a"), Record(4, b"b"), Record(5, b"c")]


@given(st.lists(st.text('ab," \u00fc', min_size=1, max_size=9).filter(str.strip), min_size=1, max_size=9))
def test_lines_are_cut_and_numbered_whatever_they_hold(lines: list[str]) -> None:
    file = io.BytesIO("\n".join(lines).encode())
    found = list(whole_lines(file, lambda _: None))
    assert [record.value.decode() for record in found] == lines
    assert [record.number for record in found] == list(range(1, len(lines) + 1))
