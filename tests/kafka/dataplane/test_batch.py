"""Batches and the ledger: what may be committed, and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.clients.async_producer import AsyncProducer, PendingAcks
from streams.kafka.dataplane.batch import MAX_BYTES, MAX_RECORDS, Batch, split
from streams.kafka.dataplane.ledger import Ledger, in_flight, unacknowledged
from tests.kafka.dataplane.batches import Event, Message


def batch(first: int, last: int, position: int | None = None) -> Batch:
    return Batch([Message(at) for at in range(first, last + 1)], (1, 1), first if position is None else position)


PRODUCER = AsyncProducer({"bootstrap.servers": "127.0.0.1:1", "log_level": 0})


def nothing_pending() -> PendingAcks:
    return PRODUCER.pending_acks()


def finish(of: Batch, pending: PendingAcks | None = None) -> None:
    of.start(Event())
    of.ack(pending or nothing_pending())


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


def test_batches_in_flight_are_those_started_and_not_finished() -> None:
    ledger, one, two = Ledger(), batch(0, 1), batch(2, 3)
    ledger.add(one)
    ledger.add(two)
    assert in_flight([ledger]) == []
    one.start(Event())
    assert in_flight([ledger]) == [one]
    one.ack(nothing_pending())
    assert in_flight([ledger]) == []


@given(st.lists(st.integers(1, MAX_BYTES), min_size=1, max_size=40), st.integers(0, 5))
def test_batches_stay_within_their_limits_and_have_consecutive_positions(sizes: list[int], gap: int) -> None:
    messages = [Message(at * (gap + 1), bytes(size)) for at, size in enumerate(sizes)]
    batches = list(split(messages, (7, 1), -1))
    assert [m.at for m in messages] == [b.offset(index) for b in batches for index in range(len(b))]
    assert all(len(b) == 1 or sum(len(value or b"") for value in b.values) <= MAX_BYTES for b in batches)
    assert [b.position for b in batches] == [-1, *(b.last + 1 for b in batches[:-1])]
    assert {b.epoch for b in batches} == {(7, 1)}


@pytest.mark.parametrize(("count", "batches"), [(1, 1), (MAX_RECORDS, 1), (MAX_RECORDS + 1, 2), (3 * MAX_RECORDS, 3)])
def test_a_batch_has_at_most_max_records(count: int, batches: int) -> None:
    assert len(list(split([Message(at) for at in range(count)], (1, 1), 0))) == batches


def test_an_acknowledged_batch_drops_its_records() -> None:
    one = batch(0, 4)
    assert one.values == [b"x" * 10] * 5
    finish(one)
    assert one.values == []
    assert (len(one), one.topic, one.partition, one.first, one.last) == (5, "mail.events", 3, 0, 4)
    assert one.settled
