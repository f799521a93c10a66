from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.events.remembered import Remembered, joined_memory

days = st.integers(0, 3)
memories = st.none() | st.builds(
    Remembered,
    days,
    st.sampled_from([None, "sender", "colleague"]),
    days,
    days,
    days,
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@given(memories, memories, memories)
def test_joining_is_independent_of_order_and_repeats(
    one: Remembered | None, two: Remembered | None, three: Remembered | None
) -> None:
    both = joined_memory(one, two)
    assert both == joined_memory(two, one)
    assert both == joined_memory(both, one)
    assert joined_memory(both, three) == joined_memory(one, joined_memory(two, three))


def test_the_most_that_either_knew_is_kept() -> None:
    one = Remembered(90, "colleague", 2, days_out=5)
    other = Remembered(30, "sender", 1, days_in=4, wrote_first=True)
    assert joined_memory(one, other) == Remembered(90, "sender", 2, days_out=5, days_in=4, wrote_first=True)
