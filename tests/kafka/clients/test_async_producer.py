"""The one producer: it waits while the broker is away, and what is refused for good ends everything."""

from __future__ import annotations

import asyncio

import pytest

from streams.errors import BrokerError
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.clients.read import read_to_end
from streams.kafka.settings import KafkaSettings
from tests.broker.apache import ApacheKafka
from tests.broker.contract import Broker
from tests.kafka.clients.running import run, running, until


def test_a_delivery_is_complete_when_all_is_acknowledged(broker: Broker, prefix: str) -> None:
    topic = f"{prefix}out"
    broker.create_topics({topic: 2})

    async def work() -> None:
        async with running(broker) as producer:
            pending = producer.pending_acks()
            assert pending.complete
            for number in range(500):
                await producer.send(topic, b"%d" % number, key=b"k", pending=pending)
            await pending.wait()
            assert pending.complete
            assert pending.sent == 500

    run(work)
    records = list(read_to_end(KafkaSettings(brokers=broker.bootstrap), topic))
    assert [record.value for record in records] == [b"%d" % number for number in range(500)]
    assert len({record.partition for record in records}) == 1


def test_what_is_sent_together_keeps_its_order_where_the_queue_is_full(broker: Broker, prefix: str) -> None:
    topic = f"{prefix}out"
    broker.create_topics({topic: 1})
    values = [b"%d" % number for number in range(500)]

    async def work() -> None:
        async with running(broker, **{"queue.buffering.max.messages": 20}) as producer:
            pending = producer.pending_acks()
            await producer.send_all(topic, [(b"k", value) for value in values], pending=pending)
            await pending.wait()
            assert pending.sent == 500

    run(work)
    assert [record.value for record in read_to_end(KafkaSettings(brokers=broker.bootstrap), topic)] == values


def test_all_who_wait_for_a_delivery_are_told(broker: Broker, prefix: str) -> None:
    """A tick and a revoke wait for the same batches."""
    topic = f"{prefix}out"
    broker.create_topics({topic: 1})

    async def work() -> None:
        async with running(broker, **{"linger.ms": 500}) as producer:
            pending = producer.pending_acks()
            await producer.send(topic, b"x", pending=pending)
            await asyncio.wait_for(asyncio.gather(pending.wait(), pending.wait(), pending.wait()), 20)
            assert pending.complete

    run(work)


def test_a_topic_that_is_missing_is_a_failure(apache_kafka: ApacheKafka, prefix: str) -> None:
    async def work() -> None:
        async with running(apache_kafka, **{"topic.metadata.propagation.max.ms": 500}) as producer:
            pending = producer.pending_acks()
            await producer.send(f"{prefix}nowhere", b"x", pending=pending)
            with pytest.raises(BrokerError, match=f"the broker refused a record for topic {prefix}nowhere"):
                await pending.wait()
            assert not pending.complete

    run(work)


def test_what_is_too_large_is_replaced_where_somebody_sees_to_it(apache_kafka: ApacheKafka, prefix: str) -> None:
    topic = f"{prefix}small"
    apache_kafka.create_topics({topic: 1}, {"max.message.bytes": "10000"})
    large = bytes(range(256)) * 100

    async def work() -> None:
        async with running(apache_kafka, **{"compression.type": "none", "batch.size": 5_000}) as producer:
            pending = producer.pending_acks()

            async def cut() -> None:
                await producer.send(topic, large[:1000], pending=pending, replaces=True)

            await producer.send(topic, large, headers=[("why", b"test")], pending=pending, on_too_large=cut)
            await producer.send(topic, b"after", pending=pending)
            await pending.wait()
            assert (pending.sent, pending.done) == (2, 2)

    run(work)
    values = [record.value for record in read_to_end(KafkaSettings(brokers=apache_kafka.bootstrap), topic)]
    assert sorted(len(value or b"") for value in values) == [5, 1000]


def test_what_is_too_large_is_a_failure_where_nobody_does(apache_kafka: ApacheKafka, prefix: str) -> None:
    topic = f"{prefix}small"
    apache_kafka.create_topics({topic: 1}, {"max.message.bytes": "10000"})
    failures: list[None] = []

    async def work() -> None:
        producer = AsyncProducer(
            {"bootstrap.servers": apache_kafka.bootstrap, "log_level": 0, "compression.type": "none"},
            on_failure=lambda: failures.append(None),
        )
        producer.start()
        pending = producer.pending_acks()
        await producer.send(topic, bytes(20_000), pending=pending)
        with pytest.raises(BrokerError, match="nothing that rests on it was committed"):
            await pending.wait()
        with pytest.raises(BrokerError):
            producer.raise_failure()
        await producer.stop(0.1)

    run(work)
    assert len(failures) == 1


def test_a_broker_that_is_away_is_waited_for(kafka_jars: None, prefix: str) -> None:
    topic = f"{prefix}out"

    async def work() -> None:
        with ApacheKafka() as kafka:
            kafka.create_topics({topic: 1})
            async with running(kafka) as producer:
                loop = asyncio.get_running_loop()
                first = producer.pending_acks()
                await producer.send(topic, b"before", pending=first)
                await first.wait()
                await loop.run_in_executor(None, kafka.stop)
                second = producer.pending_acks()
                await producer.send(topic, b"while away", pending=second)
                await until(lambda: producer.broker_unreachable)
                assert not second.complete
                await loop.run_in_executor(None, kafka.start)
                await second.wait()
                assert not producer.broker_unreachable
            values = [record.value for record in read_to_end(KafkaSettings(brokers=kafka.bootstrap), topic)]
            assert values == [b"before", b"while away"]

    run(work)


def test_who_has_nothing_to_send_learns_that_the_broker_is_back(kafka_jars: None) -> None:
    async def work() -> None:
        with ApacheKafka() as kafka:
            async with running(kafka) as producer:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, kafka.stop)
                await until(lambda: producer.broker_unreachable)
                await loop.run_in_executor(None, kafka.start)
                await until(lambda: not producer.broker_unreachable)

    run(work)
