"""Keys are returned when they are due, and not before."""

from hypothesis import given
from hypothesis import strategies as st

from streams.findings.store.agenda import Agenda


@given(st.lists(st.tuples(st.integers(-3, 3), st.binary(max_size=2))), st.integers(-4, 4))
def test_all_that_is_due_and_nothing_else(scheduled: list[tuple[int, bytes]], now: int) -> None:
    agenda = Agenda()
    for time, key in scheduled:
        agenda.add(time, key)
    taken = []
    while (due := agenda.take(now)) is not None:
        taken.append(due)
    assert sorted(taken) == sorted(key for time, key in scheduled if time <= now)
    assert not agenda.is_due(now)
    assert agenda.is_due(4) == any(time > now for time, _ in scheduled)


def test_the_earliest_comes_first() -> None:
    agenda = Agenda()
    for time, key in ((2, b"b"), (1, b"a"), (3, b"c")):
        agenda.add(time, key)
    assert [agenda.take(9), agenda.take(9), agenda.take(9), agenda.take(9)] == [b"a", b"b", b"c", None]


def test_without_a_watermark_nothing_is_due() -> None:
    agenda = Agenda()
    agenda.add(0, b"a")
    assert not agenda.is_due(None)
    assert agenda.take(None) is None
