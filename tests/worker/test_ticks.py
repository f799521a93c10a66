"""The watermark messages of a worker, on a real producer and a broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from streams import clock
from streams.errors import BrokerError
from streams.events.hit import Tick, decode_hit_or_tick
from streams.kafka.clients.async_producer import AsyncProducer, PendingAcks
from streams.kafka.dataplane.assignment import Assignment
from streams.kafka.dataplane.fetcher import Fetcher
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.partition import Partition
from streams.worker.ticks import TickPublisher
from streams.worker.watermarks import LATENESS_MS, SourceProgress
from tests.broker.contract import produce
from tests.kafka.clients.running import run, running, until
from tests.worker.samples import read

EVENTS = "mail.events"
HIT_TOPICS = {"mail.typo-hits": 2, "mail.typo-domains": 3}
EVERYWHERE = [(topic, partition) for topic, count in HIT_TOPICS.items() for partition in range(count)]
NEWEST_MS = 1_800_000_000_000


class Assigned(Assignment):
    """Partitions of mail.events that are assigned, though there is no group; their ends are asked of the broker."""

    def __init__(self, broker: EmbeddedBroker, partitions: Sequence[int], processed_to: Mapping[int, int]) -> None:
        self._fetcher = Fetcher({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        self._assigned, self._processed_to = list(partitions), processed_to
        self.pending: list[PendingAcks] = []
        self.end_asked_ms = 0

    def partitions(self, topic: str) -> list[int]:
        return self._assigned if topic == EVENTS else []

    def unacknowledged(self, topic: str) -> list[PendingAcks]:
        return self.pending if topic == EVENTS else []

    def processed_to(self, partition: Partition) -> int | None:
        return self._processed_to.get(partition.partition)

    async def end(self, partition: Partition) -> int:
        self.end_asked_ms = clock.now_ms()
        await until(lambda: clock.now_ms() > self.end_asked_ms)  # so that a later look at the clock shows a later time
        return (await asyncio.to_thread(self._fetcher.watermarks, partition, 5))[1]

    async def partition_count(self, topic: str) -> int:
        return await asyncio.to_thread(self._fetcher.partition_count, topic, 5)

    def close(self) -> None:
        self._fetcher.close()


@pytest.fixture
def broker(embedded_broker: EmbeddedBroker) -> EmbeddedBroker:
    """With five mail events in each partition of mail.events."""
    embedded_broker.create_topics({EVENTS: 3, **HIT_TOPICS})
    for partition in range(3):
        produce(embedded_broker, EVENTS, [b"mail"] * 5, partition=partition)
    return embedded_broker


async def right() -> bool:
    return True


async def wrong() -> bool:
    return False


@asynccontextmanager
async def publishing(
    broker: EmbeddedBroker,
    progress: SourceProgress,
    *,
    partitions: Sequence[int] = (0,),
    processed_to: Mapping[int, int] = {},
    sources: int = 3,
    history: bool = False,
    is_clock_right: Callable[[], Awaitable[bool]] = right,
) -> AsyncIterator[tuple[TickPublisher, Assigned, AsyncProducer]]:
    """At the end all that was sent is on the broker."""
    assigned = Assigned(broker, partitions, processed_to)
    async with running(broker) as producer:
        ticks = TickPublisher(
            assigned,
            EVENTS,
            progress,
            producer,
            hit_topics=HIT_TOPICS,
            source_partitions=sources,
            history=history,
            is_clock_right=is_clock_right,
        )
        yield ticks, assigned, producer
        assert await producer.stop(20)
    assigned.close()


def published(broker: EmbeddedBroker) -> list[tuple[str, int, Tick]]:
    """Topic, partition and content of each tick."""
    records = [(topic, record) for topic in HIT_TOPICS for record in read(broker, topic)]
    ticks = [(topic, record.partition, decode_hit_or_tick(record.value)) for topic, record in records]
    return [(topic, partition, tick) for topic, partition, tick in ticks if isinstance(tick, Tick)]


def tick(broker: EmbeddedBroker, progress: SourceProgress, **how: object) -> list[tuple[str, int, Tick]]:
    """What one call of the publisher publishes."""

    async def work() -> None:
        async with publishing(broker, progress, **how) as (ticks, _, _):  # type: ignore[arg-type]
            await ticks()

    run(work)
    return published(broker)


def test_each_partition_of_each_hit_topic_gets_the_watermarks_of_all_that_is_assigned(broker: EmbeddedBroker) -> None:
    progress = SourceProgress({0: NEWEST_MS, 2: NEWEST_MS + 1})
    expected = Tick({"0": NEWEST_MS - LATENESS_MS, "2": NEWEST_MS + 1 - LATENESS_MS}, 3)
    assert tick(broker, progress, partitions=(0, 2), processed_to={0: 2, 2: 3}) == [
        (*where, expected) for where in EVERYWHERE
    ]


@pytest.mark.parametrize("progress", [SourceProgress({1: NEWEST_MS}), SourceProgress()])
def test_a_partition_that_is_read_to_its_end_is_complete_but_for_the_last_five_minutes(
    broker: EmbeddedBroker, progress: SourceProgress
) -> None:
    """Whether this worker has scored any of it or not."""
    before = clock.now_ms()
    ticks = tick(broker, progress, partitions=[1], processed_to={1: 5})
    marks = {published_tick.tick["1"] for _, _, published_tick in ticks}
    assert len(ticks) == len(EVERYWHERE)
    assert len(marks) == 1
    assert before <= marks.pop() + 5 * 60_000 <= clock.now_ms()


def test_the_end_is_asked_after_the_look_at_the_clock(broker: EmbeddedBroker) -> None:
    """Otherwise a record that arrives between the two would be older than the watermark."""

    async def work() -> None:
        async with publishing(broker, SourceProgress(), partitions=[1], processed_to={1: 5}) as (ticks, assigned, _):
            await ticks()
            asked.append(assigned.end_asked_ms)

    asked: list[int] = []
    run(work)
    ((mark,),) = {tuple(published_tick.tick.values()) for _, _, published_tick in published(broker)}
    assert mark + LATENESS_MS <= asked[0]


def test_a_worker_whose_clock_is_wrong_goes_by_the_time_of_its_mail(broker: EmbeddedBroker) -> None:
    progress, ends = SourceProgress({0: NEWEST_MS}), {0: 5, 1: 5}
    ticks = tick(broker, progress, partitions=(0, 1), processed_to=ends, is_clock_right=wrong)
    assert ticks == [(*where, Tick({"0": NEWEST_MS - LATENESS_MS}, 3)) for where in EVERYWHERE]


def test_history_goes_by_the_time_of_its_mail_alone(broker: EmbeddedBroker) -> None:
    ends = {0: 5, 1: 5}
    ticks = tick(broker, SourceProgress({0: NEWEST_MS}), partitions=(0, 1), processed_to=ends, history=True)
    assert ticks == [(*where, Tick({"0": NEWEST_MS - LATENESS_MS}, 3)) for where in EVERYWHERE]


def test_added_partitions_are_counted_in_the_next_tick_and_logged(
    broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    """Though they are assigned to nobody yet; the worker was started when there were two."""
    caplog.set_level("INFO")
    ticks = tick(broker, SourceProgress({0: NEWEST_MS}), partitions=[0], sources=2)
    assert {published_tick.of for _, _, published_tick in ticks} == {3}
    assert "topic mail.events has 3 partitions, up from 2: windows stay open until the new ones are read" in caplog.text


def test_where_nothing_is_known_nothing_is_published(broker: EmbeddedBroker) -> None:
    assert tick(broker, SourceProgress(), partitions=(0, 1)) == []


def test_without_an_assignment_nothing_is_published(broker: EmbeddedBroker) -> None:
    assert tick(broker, SourceProgress({0: NEWEST_MS}), partitions=()) == []


def test_a_partition_whose_end_is_not_known_is_left_out_and_logged(
    broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    missing = 7
    progress = SourceProgress({0: NEWEST_MS, missing: NEWEST_MS})
    ticks = tick(broker, progress, partitions=(0, missing))
    assert ticks == [(*where, Tick({"0": NEWEST_MS - LATENESS_MS}, 3)) for where in EVERYWHERE]
    (record,) = [record for record in caplog.records if record.name == "streams.worker.ticks"]
    assert "no watermark for partition 7 of the mail events: topic mail.events, partition 7" in record.getMessage()


def test_a_tick_waits_for_the_hits_before_it(broker: EmbeddedBroker) -> None:
    """And covers only what was scored before the wait began."""
    progress = SourceProgress({0: NEWEST_MS})

    async def work() -> None:
        async with publishing(broker, progress) as (ticks, assigned, producer):
            hits = producer.pending_acks()
            hits.sent = 1
            assigned.pending = [hits]
            waits = asyncio.ensure_future(ticks())
            done, _ = await asyncio.wait([waits], timeout=0.2)
            assert not done
            progress.advance(0, NEWEST_MS + 60_000)
            hits(None, object())
            await waits

    run(work)
    assert published(broker) == [(*where, Tick({"0": NEWEST_MS - LATENESS_MS}, 3)) for where in EVERYWHERE]


def test_hits_that_the_broker_refused_are_never_passed_by_a_tick(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with running(broker) as producer:
            assigned = Assigned(broker, [0], {})
            hits = producer.pending_acks()
            await producer.send("mail.typo-hits", b"hit", partition=99, pending=hits)
            assigned.pending = [hits]
            progress = SourceProgress({0: NEWEST_MS})
            ticks = TickPublisher(
                assigned,
                EVENTS,
                progress,
                producer,
                hit_topics=HIT_TOPICS,
                source_partitions=3,
                history=False,
                is_clock_right=right,
            )
            with pytest.raises(BrokerError, match=r"topic mail\.typo-hits, partition 99"):
                await ticks()
            assigned.close()

    run(work)
    assert published(broker) == []
