"""All partitions of a worker share one budget of unpacked windows."""

import gc

import pytest

from streams.findings.store.unpacked_budget import UnpackedBudget
from streams.findings.store.window_state import WindowState
from streams.findings.store.window_store import WindowStore
from tests.findings.store.samples import DIGEST, RULE, filled


def unpacked(store: WindowStore) -> list[bool]:
    return [isinstance(store.peek(key), WindowState) for key in store]


def two_stores() -> tuple[UnpackedBudget, WindowStore, WindowStore]:
    """A budget, and two partitions with three windows each, of two hits; the first one's windows were used first."""
    budget = UnpackedBudget()
    one, two = WindowStore({DIGEST: RULE}, budget), WindowStore({DIGEST: RULE}, budget)
    for store in (one, two):
        for number in range(3):
            store.add(filled(number))
    return budget, one, two


def test_the_windows_that_were_used_least_recently_by_any_partition_are_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED", 3)
    budget, one, two = two_stores()
    first = next(iter(one))
    one.get(first)
    budget.trim()
    assert (unpacked(one), unpacked(two)) == ([True, False, False], [False, True, True])
    two.get(next(iter(two)))
    two.trim()
    assert (unpacked(one), unpacked(two)) == ([True, False, False], [True, False, True])


@pytest.mark.parametrize(("most", "expected"), [(0, 0), (1, 0), (5, 2), (11, 5), (12, 6)])
def test_the_hits_of_all_partitions_are_bounded(monkeypatch: pytest.MonkeyPatch, most: int, expected: int) -> None:
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED_HITS", most)
    budget, one, two = two_stores()
    budget.trim()
    assert sum(unpacked(one) + unpacked(two)) == expected == one.unpacked_count + two.unpacked_count
    assert one.unpacked_hits + two.unpacked_hits == 2 * expected


def test_a_dropped_partition_takes_nothing_of_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.findings.store.unpacked_budget.MAX_UNPACKED", 3)
    budget, one, two = two_stores()
    del two
    gc.collect()
    budget.trim()
    assert unpacked(one) == [True, True, True]
