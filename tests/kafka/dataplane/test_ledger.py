"""The ledger of the batches of a partition: what may be committed, and when."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.clients.async_producer import PendingAcks
from streams.kafka.dataplane.batch import Batch
from streams.kafka.dataplane.ledger import Ledger, in_flight, unacknowledged
from streams.kafka.dataplane.settled_offset import CommitNote
from tests.kafka.dataplane.batches import Event, Message, nothing_pending


def batch(first: int, last: int) -> Batch:
    return Batch([Message(at) for at in range(first, last + 1)], (1, 1), first)


def finish(of: Batch, pending: PendingAcks | None = None, newest_ms: int | None = None) -> None:
    of.start(Event())
    of.ack(pending or nothing_pending(), noted(newest_ms))


def noted(newest_ms: int | None) -> CommitNote | None:
    return None if newest_ms is None else CommitNote("newest_ms", newest_ms)


def test_settled_batches_are_committed_up_to_the_first_unsettled_one() -> None:
    ledger = Ledger()
    one, two, three = batch(0, 9), batch(10, 14), batch(15, 15)
    for each in (one, two, three):
        ledger.add(each)
    assert ledger.take_settled() is None
    finish(two)
    assert ledger.take_settled() is None
    finish(one)
    assert ledger.take_settled() == 15
    assert ledger.take_settled() is None
    finish(three)
    assert ledger.take_settled() == 16


def test_a_batch_with_unacknowledged_output_is_not_committed() -> None:
    ledger, one = Ledger(), batch(0, 9)
    pending = nothing_pending()
    pending.sent = 2
    ledger.add(one)
    finish(one, pending)
    assert unacknowledged([ledger]) == [pending]
    pending(None, object())
    assert ledger.take_settled() is None
    pending(None, object())
    assert unacknowledged([ledger]) == []
    assert ledger.take_settled() == 10


@pytest.mark.parametrize(
    ("restored", "batches", "committed"),
    [
        (None, [None], None),
        (None, [500, None], 500),
        (None, [0, -5], 0),
        (0, [-5], 0),
        (700, [None], 700),
        (700, [500, 600], 700),
        (700, [500, 800, 600], 800),
    ],
)
def test_the_newest_event_time_is_committed(
    restored: int | None, batches: list[int | None], committed: int | None
) -> None:
    ledger = Ledger()
    ledger.note = noted(restored)
    for at, newest_ms in enumerate(batches):
        ledger.add(one := batch(at, at))
        finish(one, newest_ms=newest_ms)
    settled = ledger.take_settled()
    assert settled is not None
    assert settled.note == noted(committed)


def test_the_event_time_of_a_batch_that_is_not_settled_is_not_committed() -> None:
    ledger, pending = Ledger(), nothing_pending()
    for one, waits_for in ((batch(0, 4), nothing_pending()), (batch(5, 9), pending)):
        ledger.add(one)
        finish(one, waits_for, newest_ms=100 * one.last)
        pending.sent = 1
    settled = ledger.take_settled()
    assert settled is not None
    assert (settled, settled.note) == (5, noted(400))


def test_the_end_is_committed_once_all_batches_before_it_are_settled() -> None:
    ledger, one = Ledger(), batch(0, 9)
    ledger.add(one)
    ledger.reach_end(12)
    assert ledger.take_settled() is None
    finish(one)
    assert ledger.take_settled() == 12
    assert ledger.take_settled() is None


def test_the_end_of_an_empty_partition_is_committed() -> None:
    ledger = Ledger()
    ledger.reach_end(0)
    assert ledger.take_settled() == 0


def test_an_end_before_a_batch_never_overrides_it() -> None:
    ledger, one, two = Ledger(), batch(0, 9), batch(12, 13)
    ledger.add(one)
    ledger.reach_end(12)
    ledger.add(two)
    finish(one)
    assert ledger.take_settled() == 10
    assert ledger.first_unprocessed is two
    finish(two)
    assert ledger.first_unprocessed is None
    assert ledger.take_settled() == 14


def test_batches_in_flight_are_those_started_and_not_finished() -> None:
    ledger, one, two = Ledger(), batch(0, 1), batch(2, 3)
    ledger.add(one)
    ledger.add(two)
    assert in_flight([ledger]) == []
    one.start(Event())
    assert in_flight([ledger]) == [one]
    one.ack(nothing_pending())
    assert in_flight([ledger]) == []


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.randoms())
def test_in_whatever_order_batches_are_done_no_gap_is_committed(sizes: list[int], chance: random.Random) -> None:
    ledger, batches, first = Ledger(), [], 0
    for size in sizes:
        batches.append(batch(first, first + size - 1))
        ledger.add(batches[-1])
        first += size
    committed, order = 0, list(batches)
    chance.shuffle(order)
    for number, each in enumerate(order, 1):
        finish(each)
        committed = ledger.take_settled() or committed
        done = {done.first for done in order[:number]}
        gap = next((waiting.first for waiting in batches if waiting.first not in done), first)
        assert committed == gap
        assert ledger.processed == sum(len(done) for done in order[:number] if done.first > gap)
    assert list(ledger) == []
