"""The peak, compared with a loop over every span."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.findings.peak import Moment, peak

DAY = 24


@pytest.mark.parametrize(
    ("before", "inside", "expected"),
    [
        ([], [], 0),
        ([], [1, 5, 9], 3),
        ([20, 22, 23], [24, 25], 5),
        ([0, 1, 2], [24, 47], 3),
        ([0], [24], 1),
        ([1], [24], 2),
        ([12, 13, 14], [36, 40], 3),
    ],
)
def test_bursts_over_the_border(before: list[int], inside: list[int], expected: int) -> None:
    def moments(hours: list[int]) -> list[Moment]:
        return [(hour, hour.to_bytes(8)) for hour in hours]

    assert peak(moments(before), moments(inside), DAY) == expected


moments = st.lists(
    st.tuples(st.integers(0, DAY - 1), st.integers(0, 4).map(lambda unit: unit.to_bytes(8))), max_size=15
)


@given(moments, moments)
def test_every_span(before: list[Moment], later: list[Moment]) -> None:
    inside = [(time + DAY, unit) for time, unit in later]
    expected = 0
    for end, _ in inside:
        expected = max(expected, len({unit for time, unit in before + inside if end - DAY < time <= end}))
    assert peak(before, inside, DAY) == expected
    assert peak([], inside, DAY) == len({unit for _, unit in inside})


def test_a_mail_that_is_seen_twice_in_a_span_counts_once() -> None:
    assert peak([(20, b"a"), (21, b"a")], [(24, b"a"), (25, b"b")], DAY) == 2
