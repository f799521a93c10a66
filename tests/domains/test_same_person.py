from __future__ import annotations

import pytest

from streams.domains.same_person import (
    ALL_MEMORY,
    BY_COLLEAGUE,
    BY_SENDER,
    is_suffix_slip,
    most_by_memory,
    same_person,
)
from streams.domains.verdict import SLIPS


@pytest.mark.parametrize("slip", ["omission", "transposition", "hyphen-lost", "missing-dot", "suffix-swap"])
def test_one_keystroke_and_a_suffix_are_strong(slip: str) -> None:
    assert same_person(slip, by_sender=True) == BY_SENDER
    assert same_person(slip, by_sender=False) == BY_COLLEAGUE


@pytest.mark.parametrize("slip", ["two-slips", "name-and-suffix", "moved-dot"])
def test_two_keystrokes_are_weaker(slip: str) -> None:
    assert 0 < same_person(slip, by_sender=False) < same_person(slip, by_sender=True) < BY_COLLEAGUE


@pytest.mark.parametrize("slip", ["affix", "hyphenated-affix", "listed", ""])
def test_other_kinds_prove_nothing(slip: str) -> None:
    assert same_person(slip, by_sender=True) == most_by_memory(slip) == 0


def test_no_slip_gets_more_than_all() -> None:
    assert max(map(most_by_memory, SLIPS)) == ALL_MEMORY
    assert [slip for slip in SLIPS if is_suffix_slip(slip)] == [slip for slip in SLIPS if slip.startswith("suffix-")]
