"""The memory's topic on a broker: what is restored, followed, written and measured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest

from streams import clock
from streams.errors import BrokerUnreachable
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.clients.table import TableChunk, TableRecord, read_table
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.settings import KafkaSettings
from streams.memory.facts import DAYS_KEPT, CorrespondentFacts, PersonFacts
from streams.memory.lessons import LearningPolicy
from streams.memory.memory import DAY_MS, Memory, MemoryBounds
from streams.memory.memory_digests import MemoryDigests
from streams.memory.records import BarredFacts, MemoryKind, MemoryRecord, encode
from streams.memory.replica import BY_COMMANDS, RENEWED_AFTER_MS, KeyedValue, Replica
from streams.metrics import Metrics
from streams.service.memory_topic import MemoryTopic
from tests.kafka.clients.running import run, running, until
from tests.worker.samples import read, sample

TOPIC = "mail.correspondents"
DIGESTS = MemoryDigests(b"secret")
TODAY = clock.now_ms() // DAY_MS


@pytest.fixture
def broker(embedded_broker: EmbeddedBroker) -> EmbeddedBroker:
    embedded_broker.create_topics({TOPIC: 2})
    return embedded_broker


@dataclass
class Shared:
    """The topic of a worker that is assigned these source partitions."""

    topic: MemoryTopic
    memory: Memory
    producer: AsyncProducer
    metrics: Metrics
    assigned: list[int] = field(default_factory=list)


@asynccontextmanager
async def shared(
    broker: EmbeddedBroker, assigned: Collection[int] = (0,), *, ages: bool = True, bounds: MemoryBounds | None = None
) -> AsyncIterator[Shared]:
    """A topic that is read until the block ends."""
    memory, metrics = Memory(DIGESTS, LearningPolicy(), bounds or MemoryBounds(1_000, 100)), Metrics("test")
    async with running(broker) as producer:
        topic = MemoryTopic(
            Replica(memory),
            TOPIC,
            producer,
            metrics,
            read=partial(read_table, KafkaSettings(brokers=broker.bootstrap), TOPIC),
            assigned=lambda: assigned,
            ages=ages,
        )
        following = asyncio.ensure_future(topic.follow())
        try:
            yield Shared(topic, memory, producer, metrics)
        finally:
            following.cancel()
            await asyncio.wait([following])


def person(digest: int, *, day: int = TODAY - 1) -> MemoryRecord:
    return MemoryRecord(MemoryKind.PERSON, digest, PersonFacts(day, day, 1))


def write(broker: EmbeddedBroker, records: Iterable[KeyedValue]) -> None:
    with SyncProducer(KafkaSettings(brokers=broker.bootstrap), TOPIC) as producer:
        for key, value in records:
            producer.send(value, key=key)


def encoded(*records: MemoryRecord, partition: int = 0) -> list[KeyedValue]:
    return [encode(record, partition, DIGESTS.key_id) for record in records]


def test_everything_is_restored_and_then_followed(broker: EmbeddedBroker) -> None:
    write(broker, encoded(*map(person, range(1, 501))))

    async def work() -> None:
        async with shared(broker) as one:
            await one.topic.restored()
            assert one.memory.persons == 500
            write(broker, encoded(person(501)))
            await until(lambda: one.memory.persons == 501)

    run(work)


def test_what_is_learned_is_acknowledged_and_known_to_another_worker(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with shared(broker) as one, shared(broker) as other:
            await one.topic.restored()
            one.memory.merge(person(7))
            pending = one.producer.pending_acks()
            learned = one.memory.entry(MemoryKind.PERSON, 7)
            assert learned is not None
            await one.topic.write([learned, learned], 3, pending)
            assert pending.sent == 1
            await pending.wait()
            await until(lambda: other.memory.persons == 1)
            assert sample(one.metrics, "memory_learned_total", kind="person") == 2

    run(work)
    assert [(record.key, record.value) for record in read(broker, TOPIC)] == encoded(person(7), partition=3)


def test_a_record_that_lacks_something_is_written_again_only_after_the_restore(broker: EmbeddedBroker) -> None:
    """While the topic is read, what was read first has more than what comes then, and nothing lacks anything."""
    early, late = person(7, day=TODAY - 9), person(7, day=TODAY - 2)
    write(broker, [*encoded(early, partition=1), *encoded(late)])

    async def work() -> None:
        async with shared(broker) as one:
            await one.topic.restored()
            assert len(read(broker, TOPIC)) == 2
            write(broker, encoded(person(7, day=TODAY - 5)))
            await until(lambda: len(read(broker, TOPIC)) == 4)

    run(work)
    last = {record.key: record.value for record in read(broker, TOPIC)}
    (key, _), *_ = encoded(early)
    joined = early.facts.joined(late.facts).joined(person(7, day=TODAY - 5).facts)  # type: ignore[union-attr,arg-type]
    assert [(key, last[key])] == encoded(MemoryRecord(MemoryKind.PERSON, 7, joined))


@pytest.mark.parametrize("ages", [True, False])
def test_entries_age_by_the_day_unless_they_are_history(broker: EmbeddedBroker, ages: bool) -> None:
    write(broker, encoded(person(1, day=TODAY - DAYS_KEPT - 1), person(2)))

    async def work() -> None:
        async with shared(broker, ages=ages) as one:
            await one.topic.maintain()  # does nothing before it is restored
            await one.topic.restored()
            assert one.memory.persons == 2
            await one.topic.maintain()
            assert one.memory.persons == (1 if ages else 2)

    run(work)


@pytest.mark.parametrize("assigned", [[0, 5], [5]])
def test_old_bars_are_renewed_by_the_worker_of_the_first_partition(
    broker: EmbeddedBroker, assigned: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = encode(MemoryRecord(MemoryKind.BARRED, 7, BarredFacts(TODAY)), BY_COMMANDS, DIGESTS.key_id)
    write(broker, [bar])
    later_ms = clock.now_ms() + RENEWED_AFTER_MS + DAY_MS

    async def work() -> None:
        async with shared(broker, assigned) as one:
            await one.topic.restored()
            await one.topic.maintain()
            monkeypatch.setattr(clock, "now_ms", lambda: later_ms)
            await one.topic.maintain()
            await one.producer.stop(10)

    run(work)
    written = [(record.key, record.value) for record in read(broker, TOPIC) if record.value is not None]
    assert written == [bar] * (2 if 0 in assigned else 1)


def test_what_a_worker_that_crashed_left_of_somebody_forgotten_is_erased_by_the_next(broker: EmbeddedBroker) -> None:
    bar = encode(MemoryRecord(MemoryKind.BARRED, 7, BarredFacts(TODAY)), BY_COMMANDS, DIGESTS.key_id)
    write(broker, [*encoded(person(7), partition=5), bar])

    async def work() -> None:
        async with shared(broker, [5]) as one:
            await one.topic.restored()
            assert one.memory.persons == 0
            await one.topic.maintain()
            await one.topic.maintain()  # once for each new assignment
            await one.producer.stop(10)

    run(work)
    records = [(record.key, record.value) for record in read(broker, TOPIC)]
    [(key, _)] = encoded(person(7), partition=5)
    assert records.count((key, None)) == 1


def test_a_gate_reads_the_memory_and_writes_nothing(broker: EmbeddedBroker) -> None:
    bar = encode(MemoryRecord(MemoryKind.BARRED, 7, BarredFacts(TODAY)), BY_COMMANDS, DIGESTS.key_id)
    stored = [*encoded(person(7), person(8)), bar]
    write(broker, stored)
    memory, metrics = Memory(DIGESTS, LearningPolicy(), MemoryBounds(1_000, 100)), Metrics("test")
    read_all = partial(read_table, KafkaSettings(brokers=broker.bootstrap), TOPIC)
    topic = MemoryTopic(Replica(memory), TOPIC, None, metrics, read=read_all, assigned=tuple, ages=True)

    async def work() -> None:
        assert not topic.is_restored
        following = asyncio.ensure_future(topic.follow())
        await topic.restored()
        assert topic.is_restored
        await topic.maintain()
        following.cancel()
        await asyncio.wait([following])

    run(work)
    assert sample(metrics, "memory_entries", kind="person") == memory.persons == 1
    assert sorted((record.key, record.value) for record in read(broker, TOPIC)) == sorted(stored)


def test_what_cannot_be_used_is_counted_reported_and_stops_nothing(
    broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    foreign = encode(person(1), 0, MemoryDigests(b"another key").key_id)
    future = encoded(person(2, day=TODAY + 30))
    write(broker, [(b"rubbish", b"rubbish"), foreign, *future, *encoded(person(3))])

    async def work() -> None:
        async with shared(broker) as one:
            await one.topic.restored()
            await one.topic.maintain()
            await one.topic.maintain()
            assert one.memory.persons == 1
            assert sample(one.metrics, "memory_records_skipped_total", reason="unreadable") == 2
            assert sample(one.metrics, "memory_records_skipped_total", reason="other-key") == 1

    run(work)
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == [
        "mail.correspondents: records that can't be used are skipped: 1 other-key, 2 unreadable"
    ]


def test_the_memory_is_measured(broker: EmbeddedBroker) -> None:
    first = TODAY - 9
    mail_days = CorrespondentFacts(TODAY, days_out=0b10_0000_0101 | 1 << 300)
    days = MemoryRecord(MemoryKind.CORRESPONDENT, DIGESTS.domain(""), mail_days)
    write(broker, encoded(days, *(person(digest, day=first - digest % 60) for digest in range(1_100))))

    async def work() -> None:
        async with shared(broker) as one:
            await one.topic.restored()
            await one.topic.maintain()
            value = partial(sample, one.metrics)
            persons, evicted = value("memory_entries", kind="person"), value("memory_evicted_total")
            assert persons is not None
            assert evicted is not None
            assert persons + evicted == 1_100
            assert evicted > 0
            assert value("memory_entries", kind="correspondent") == 0
            assert value("memory_since_timestamp_seconds") == first * 86_400

    run(work)


def test_a_topic_that_could_not_be_read_at_first_is_read_from_its_beginning() -> None:
    """Until Kafka answers, `connect` is repeated; `follow` goes on with what it read first."""
    failures: list[BrokerUnreachable] = []

    def away_at_first() -> Iterator[TableChunk]:
        if len(failures) < 2:
            failures.append(BrokerUnreachable("away"))
            raise failures[-1]
        yield TableChunk([TableRecord(*encoded(person(5))[0], 0)], at_end=True)
        while True:
            time.sleep(0.01)
            yield TableChunk([], at_end=True)

    async def work() -> None:
        memory = Memory(DIGESTS, LearningPolicy(), MemoryBounds(1_000, 100))
        topic = MemoryTopic(
            Replica(memory), TOPIC, None, Metrics("test"), read=away_at_first, assigned=tuple, ages=False
        )
        for _ in range(2):
            with pytest.raises(BrokerUnreachable):
                await topic.connect()
        await topic.connect()
        assert not topic.is_restored
        following = asyncio.ensure_future(topic.follow())
        await topic.restored()
        assert memory.persons == 1
        following.cancel()
        await asyncio.wait([following])

    asyncio.run(work())
