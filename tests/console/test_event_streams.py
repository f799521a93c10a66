"""How many event streams may be open."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.console.event_streams import EventStreams, TooManyStreamsError


def opened(streams: EventStreams, stack: ExitStack, visitor: str, tries: int) -> int:
    """How many streams the visitor gets."""
    for number in range(tries):
        try:
            stack.enter_context(streams.opened(visitor))
        except TooManyStreamsError:
            return number
    return tries


@given(st.integers(1, 60))
def test_one_visitor_gets_a_quarter_and_all_together_get_all(most: int) -> None:
    streams = EventStreams(most)
    with ExitStack() as stack:
        assert opened(streams, stack, "first", most + 1) == min(most, max(2, most // 4))
        assert sum(opened(streams, stack, str(number), most) for number in range(most)) == max(
            0, most - max(2, most // 4)
        )
        with pytest.raises(TooManyStreamsError, match=r"raise console\.streams"), streams.opened("last"):
            pass
    with streams.opened("last"):
        pass


def test_everybody_on_this_machine_may_open_all() -> None:
    with ExitStack() as stack:
        assert opened(EventStreams(8), stack, "", 9) == 8


def test_the_reason_tells_whose_limit_it_is() -> None:
    streams = EventStreams(8)
    with streams.opened("a"), streams.opened("a"):
        with pytest.raises(TooManyStreamsError, match="You have 2 pages open") as refused, streams.opened("a"):
            pass
        assert refused.value.status == 429
