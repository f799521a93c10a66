"""A number and its noun agree."""

from __future__ import annotations

from collections import Counter

import pytest

from streams.counted import counted, most_first


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 mistakes"), (1, "1 mistake"), (2, "2 mistakes"), (1_200, "1,200 mistakes")]
)
def test_the_noun_agrees(number: int, told: str) -> None:
    assert counted(number, "mistake") == told


def test_equal_counts_are_in_the_order_of_their_names() -> None:
    assert most_first(Counter({"b": 1, "c": 2, "a": 1})) == [("c", 2), ("a", 1), ("b", 1)]
