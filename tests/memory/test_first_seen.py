from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.memory.first_seen import KEPT, FirstSeen, first_before, has_tag, joined_first, seen

some = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9)), max_size=8)


def first_of(pairs: list[tuple[int, int]]) -> FirstSeen:
    first: FirstSeen = ()
    for day, tag in pairs:
        first = joined_first(first, seen(day, tag))
    return first


@given(some, some)
def test_joining_is_independent_of_order_and_repeats(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    together = first_of(one + other)
    assert together == first_of(other + one + one)
    assert together == joined_first(first_of(one), first_of(other))


@given(some, st.integers(1, 51))
def test_those_before_a_day_are_those_that_were_known_then(pairs: list[tuple[int, int]], day: int) -> None:
    earlier = [(on, tag) for on, tag in pairs if on < day]
    assert first_before(first_of(pairs), day) == first_of(earlier)


def test_the_earliest_few_are_kept() -> None:
    first = first_of([(day, 100 + day) for day in range(9, 0, -1)])
    assert len(first) == KEPT
    assert has_tag(first, 101)
    assert not has_tag(first, 109)
