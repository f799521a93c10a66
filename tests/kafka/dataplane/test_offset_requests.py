"""Requests for offsets, of a real Kafka and through real clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.commit import OffsetFetchResponse_v3
from confluent_kafka import Producer
from faust.types import TP

from streams.errors import BrokerError
from streams.kafka.dataplane import offset_requests
from streams.kafka.dataplane.fetcher import Fetcher
from streams.kafka.dataplane.offset_requests import OffsetRequests, check_offset_answers
from streams.kafka.partition import Partition
from tests.broker.apache import ApacheKafka
from tests.broker.contract import produce

SECONDS = 20


class Thread:
    """The clients of a consumer thread, in the event loop of the test."""

    def __init__(self, consumer: Any, reader: Fetcher | None) -> None:
        self._consumer, self.reader = consumer, reader

    def _ensure_consumer(self) -> Any:
        return self._consumer

    async def call_thread(self, work: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        return await work(*arguments)


@asynccontextmanager
async def requests(kafka: ApacheKafka, topic: str) -> AsyncIterator[OffsetRequests]:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, group_id=topic, enable_auto_commit=False)
    reader = Fetcher({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    await consumer.start()
    try:
        yield OffsetRequests(Thread(consumer, reader))
    finally:
        await consumer.stop()
        reader.close()


def test_the_end_counts_mail_of_transactions_that_are_still_open(apache_kafka: ApacheKafka, prefix: str) -> None:
    """Otherwise the watermark would overtake it."""
    topic = f"{prefix}in"
    apache_kafka.create_topics({topic: 2})
    producer = Producer({"bootstrap.servers": apache_kafka.bootstrap, "transactional.id": topic})
    producer.init_transactions(SECONDS)
    producer.begin_transaction()
    producer.produce(topic, b"open", partition=1)
    producer.flush(SECONDS)

    async def work() -> None:
        async with requests(apache_kafka, topic) as offsets:
            assert await offsets.end(TP(topic, 0)) == 0
            assert await offsets.end(TP(topic, 1)) == 1
            producer.commit_transaction(SECONDS)
            async with asyncio.timeout(SECONDS):  # the marker is written a moment after the commit is accepted
                while await offsets.end(TP(topic, 1)) != 2:
                    pass

    asyncio.run(work())


def test_without_a_commit_there_is_a_first_offset(apache_kafka: ApacheKafka, prefix: str) -> None:
    topic = f"{prefix}in"
    apache_kafka.create_topics({topic: 2})
    produce(apache_kafka, topic, [b"1", b"2"])

    async def work() -> None:
        async with requests(apache_kafka, topic) as offsets:
            assert await offsets.committed(TP(topic, 0)) is None
            assert await offsets.bounds(Partition(topic, 0)) == (0, 2)
            assert await offsets.partition_count(topic) == 2
            with pytest.raises(BrokerError, match="the request for its end failed"):
                await offsets.end(TP(topic, 7))

    asyncio.run(work())


class SlowConsumer:
    """aiokafka's, whose coordinator answers one request after the other, each after some seconds."""

    def __init__(self, seconds: float) -> None:
        self._coordinator, self._seconds, self.asked, self._one = self, seconds, 0, asyncio.Lock()

    async def committed(self, _tp: Any) -> int:
        self.asked += 1
        async with self._one:
            await asyncio.sleep(self._seconds)
        return 7

    async def fetch_committed_offsets(self, _tps: Any) -> dict[Any, Any]:
        await self.committed(None)
        return {}


class Coordinator(GroupCoordinator):  # type: ignore[misc]  # aiokafka has no types
    """aiokafka's coordinator with these answers instead of a broker's: of each the error, and the offset if any."""

    def __init__(self, *answers: tuple[int, int | None]) -> None:
        self.group_id, self._retry_backoff_ms = "straymail", 0
        self.answers, self.was_lost = list(answers), 0

    async def ensure_coordinator_known(self) -> None: ...

    def coordinator_dead(self) -> None:
        self.was_lost += 1

    async def _send_req(self, request: Any) -> Any:
        error, offset = self.answers.pop(0)
        topics = [] if offset is None else [("in", [(0, offset, "", 0)])]
        return OffsetFetchResponse_v3(0, topics, error)


@pytest.mark.parametrize("error", [14, 15, 16])
def test_a_coordinator_that_cannot_answer_is_asked_again(error: int) -> None:
    """It is loading, away, or another one: that is not an answer that nothing is committed."""
    told: list[Any] = []
    state = SimpleNamespace(update_committed=told.append)
    assignment: Any = SimpleNamespace(requesting_committed=lambda: [TP("in", 0)], state_value=lambda _tp: state)

    async def work() -> None:
        coordinator = Coordinator((error, None), (0, 7), (error, None), (0, 7))
        check_offset_answers(coordinator)
        committed = await coordinator.fetch_committed_offsets([TP("in", 0)])
        assert {tp: at.offset for tp, at in committed.items()} == {TP("in", 0): 7}
        assert await coordinator._maybe_refresh_commit_offsets(assignment) is False
        assert told == []
        assert await coordinator._maybe_refresh_commit_offsets(assignment) is True
        assert [at.offset for at in told] == [7]
        assert coordinator.was_lost == 2 * (error != 14)

    asyncio.run(work())


def test_a_group_that_may_not_be_read_is_an_error() -> None:
    async def work() -> None:
        coordinator = Coordinator((30, None))
        check_offset_answers(coordinator)
        consumer = SimpleNamespace(_coordinator=coordinator)
        with pytest.raises(BrokerError, match=r"the request for committed offsets failed: .*GroupAuthorizationFailed"):
            await OffsetRequests(Thread(consumer, None)).committed_notes("newest_ms", [TP("in", 0)])

    asyncio.run(work())


def test_a_slow_coordinator_is_asked_once_and_that_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(offset_requests, "REQUEST_SECONDS", 0.05)

    async def work() -> None:
        consumer = SlowConsumer(0.2)
        requests = OffsetRequests(Thread(consumer, None))
        assert await requests.committed(TP("in", 0)) == 7
        assert await requests.committed_notes("newest_ms", [TP("in", 0)]) == {}
        assert consumer.asked == 2
        stopped = asyncio.ensure_future(requests.committed(TP("in", 0)))
        await asyncio.sleep(0.1)
        stopped.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopped

    asyncio.run(work())
    assert [record.getMessage() for record in caplog.records] == [
        "waiting for Kafka: committed offsets were asked 0.05 s ago"
    ]
