"""Batches: how records are cut into them, and what is left of one that is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.dataplane.batch import MAX_BYTES, MAX_RECORDS, split
from tests.kafka.dataplane.batches import Message, batch_of, nothing_pending


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
    batch = batch_of([b"x" * 10] * 5)
    assert batch.values == [b"x" * 10] * 5
    assert batch.started
    assert not batch.acked
    batch.ack(nothing_pending())
    assert batch.values == []
    assert (len(batch), batch.topic, batch.partition, batch.first, batch.last) == (5, "mail.events", 3, 0, 4)
    assert batch.acked
    assert batch.settled


def test_a_record_is_known_by_its_place_though_offsets_have_gaps() -> None:
    (batch,) = split([Message(7, b"a", with_key=b"k"), Message(9, None)], (1, 1), 5)
    assert [batch.offset(index) for index in range(2)] == [7, 9]
    assert [batch.key(index) for index in range(2)] == [b"k", None]
    assert [batch.record_timestamp_ms(index) for index in range(2)] == [7, 9]
    assert (batch.first, batch.last, batch.position, batch.timestamp_ms) == (7, 9, 5, 9)
