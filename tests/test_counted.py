"""A number and its noun agree."""

from __future__ import annotations

import pytest

from streams.counted import counted


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 mistakes"), (1, "1 mistake"), (2, "2 mistakes"), (1_200, "1,200 mistakes")]
)
def test_the_noun_agrees(number: int, told: str) -> None:
    assert counted(number, "mistake") == told
