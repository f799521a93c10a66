"""Neighbouring keys."""

import pytest

from streams.domains.slips.keyboards import neighbours


def test_keys_are_neighbours_both_ways_and_none_of_itself() -> None:
    near = neighbours()
    assert all(key in near[other] for key, others in near.items() for other in others)
    assert all(key not in others for key, others in near.items())


@pytest.mark.parametrize(
    ("key", "others"),
    [
        ("a", {"q", "s", "z", "w"}),
        ("s", {"a", "d", "w", "e", "x", "z"}),
        ("l", {"k", "o", "p"}),
        ("1", {"2", "q"}),
        ("0", {"9", "o", "p"}),
    ],
)
def test_neighbours_on_a_common_keyboard(key: str, others: set[str]) -> None:
    assert others <= neighbours()[key]


@pytest.mark.parametrize(("key", "other"), [("a", "p"), ("q", "p"), ("a", "d"), ("1", "0"), ("g", "q")])
def test_keys_far_apart_are_none(key: str, other: str) -> None:
    assert other not in neighbours()[key]


def test_every_letter_and_digit_has_neighbours() -> None:
    assert set("abcdefghijklmnopqrstuvwxyz0123456789") <= set(neighbours())
