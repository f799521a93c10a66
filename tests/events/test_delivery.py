"""Delivery statuses: one for several recipients, and the one that is known best."""

from itertools import combinations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.delivery import (
    MOST_LEAKED_FIRST,
    STORED,
    UNDELIVERED,
    Delivery,
    joined_delivery,
    latest_delivery,
)

STATUSES = st.lists(st.sampled_from(get_args(Delivery)))


def test_both_orders_have_every_status_once() -> None:
    assert sorted(MOST_LEAKED_FIRST) == sorted(STORED) == sorted(get_args(Delivery))
    assert set(MOST_LEAKED_FIRST[-2:]) == UNDELIVERED


def test_the_stored_order_never_changes() -> None:
    """The state topics of installations hold the places in it."""
    assert STORED == ("unknown", "held", "deferred", "rejected", "failed", "delivered")


@pytest.mark.parametrize(
    ("statuses", "joined", "latest"),
    [
        ([], "unknown", "unknown"),
        (["failed", "delivered"], "delivered", "delivered"),
        (["failed", "rejected"], "failed", "failed"),
        (["deferred", "failed"], "deferred", "failed"),
        (["unknown", "failed"], "unknown", "failed"),
        (["held", "unknown"], "held", "held"),
    ],
)
def test_of_several(statuses: list[Delivery], joined: Delivery, latest: Delivery) -> None:
    assert (joined_delivery(statuses), latest_delivery(statuses)) == (joined, latest)


@given(STATUSES)
def test_neither_order_nor_repeats_matter(statuses: list[Delivery]) -> None:
    for of in (joined_delivery, latest_delivery):
        assert of(statuses) == of(reversed(statuses)) == of([*statuses, *statuses])


def test_of_two_the_one_that_comes_first_in_its_order_holds() -> None:
    for first, second in combinations(MOST_LEAKED_FIRST, 2):
        assert joined_delivery([second, first]) == first
    for first, second in combinations(STORED, 2):
        assert latest_delivery([second, first]) == second
