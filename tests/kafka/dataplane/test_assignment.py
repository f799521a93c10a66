"""What a worker knows of its partitions; offsets are asked of a broker."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from streams.kafka.dataplane.assignment import Assignment
from streams.kafka.dataplane.fetcher import Fetcher
from streams.kafka.dataplane.ledger import Ledger
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.partition import Partition
from tests.broker.contract import produce
from tests.kafka.dataplane.batches import batch_of, nothing_pending

EVENTS, HITS = "mail.events", "mail.typo-hits"


class Thread:
    """A consumer's thread without a group: what is committed is as the test says, the rest is the broker's."""

    def __init__(self, broker: EmbeddedBroker, committed: dict[TP, int]) -> None:
        self.reader = Fetcher({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        self.positions: dict[TP, int] = {}
        self.offsets = self
        self._committed = committed

    async def committed(self, tp: TP) -> int | None:
        return self._committed.get(tp)

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        return await asyncio.to_thread(self.reader.watermarks, partition, 5)

    async def end(self, tp: TP) -> int:
        return (await asyncio.to_thread(self.reader.watermarks, Partition(*tp), 5))[1]

    async def partition_count(self, topic: str) -> int:
        return await asyncio.to_thread(self.reader.partition_count, topic, 5)


class App:
    """A Faust app with these partitions assigned."""

    def __init__(self, broker: EmbeddedBroker, *assigned: TP, committed: dict[TP, int] | None = None) -> None:
        self.rebalancing = False
        self.thread = Thread(broker, committed or {})
        self.consumer: Any = SimpleNamespace(
            flow_active=True,
            assignment=lambda: set(assigned),
            ledgers=defaultdict(Ledger),
            _thread=self.thread,
        )


@pytest.fixture
def broker(embedded_broker: EmbeddedBroker) -> EmbeddedBroker:
    """With three mail events in partition 0."""
    embedded_broker.create_topics({EVENTS: 2})
    produce(embedded_broker, EVENTS, [b"1", b"2", b"3"])
    return embedded_broker


@pytest.fixture
def app(broker: EmbeddedBroker) -> Iterator[App]:
    app = App(broker, TP(EVENTS, 1), TP(HITS, 0), TP(EVENTS, 0), committed={TP(EVENTS, 0): 2})
    yield app
    app.thread.reader.close()


def test_the_partitions_of_a_topic(app: App) -> None:
    assert Assignment(app).partitions(EVENTS) == [0, 1]
    assert Assignment(app).partitions(HITS) == [0]
    assert Assignment(app).partitions("other") == []


def test_nothing_is_assigned_while_the_group_rebalances(app: App) -> None:
    app.rebalancing = True
    assert Assignment(app).partitions(EVENTS) == []
    app.rebalancing, app.consumer.flow_active = False, False
    assert Assignment(app).partitions(EVENTS) == []


def test_what_is_not_acknowledged_is_known_by_topic(app: App) -> None:
    pending = [nothing_pending() for _ in range(3)]
    for number, (tp, waiting) in enumerate([(TP(EVENTS, 0), 1), (TP(EVENTS, 1), 0), (TP(HITS, 0), 1)]):
        pending[number].sent = waiting
        batch = batch_of([b"x"], topic=tp.topic, partition=tp.partition)
        app.consumer.ledgers[tp].add(batch)
        batch.ack(pending[number])
    assert Assignment(app).unacknowledged(EVENTS) == [pending[0]]


def test_committed_offsets_are_the_groups_and_bounds_the_brokers(app: App) -> None:
    async def work() -> None:
        assignment = Assignment(app)
        assert await assignment.committed(Partition(EVENTS, 0)) == 2
        assert await assignment.committed(Partition(EVENTS, 1)) is None
        assert await assignment.bounds(Partition(EVENTS, 0)) == (0, 3)
        assert await assignment.end(Partition(EVENTS, 0)) == 3
        assert await assignment.partition_count(EVENTS) == 2

    asyncio.run(work())


def test_the_lag_is_what_is_there_and_was_not_delivered(app: App) -> None:
    reader = app.thread.reader
    app.thread.positions = {TP(EVENTS, 0): 1, TP(EVENTS, 1): 0}
    assert list(Assignment(app).lag()) == []  # before the first fetch nothing is known
    reader.assign({Partition(EVENTS, 0): 0})
    while reader.high(Partition(EVENTS, 0)) is None:
        reader.fetch(0.5)
    assert list(Assignment(app).lag()) == [(Partition(EVENTS, 0), 2)]
    app.thread.positions[TP(EVENTS, 0)] = 9
    assert list(Assignment(app).lag()) == [(Partition(EVENTS, 0), 0)]
