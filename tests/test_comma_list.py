"""Lists in the settings."""

from __future__ import annotations

import pytest

from streams.comma_list import comma_list


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a.example, b.example", ["a.example", "b.example"]),
        (" , a,,", ["a"]),
        ("", []),
        (["a, b"], ["a, b"]),
        (("a",), ("a",)),
        (7, 7),
        (None, None),
    ],
)
def test_a_string_is_split_and_all_else_stays(value: object, expected: object) -> None:
    assert comma_list(value) == expected
