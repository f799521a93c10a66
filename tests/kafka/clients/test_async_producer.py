"""The producer of a worker: it waits while the broker is unreachable, and a permanent refusal is a failure."""

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


def test_pending_acks_are_complete_when_all_records_are_acknowledged(broker: Broker, prefix: str) -> None:
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


def test_records_sent_together_keep_their_order_where_the_queue_is_full(broker: Broker, prefix: str) -> None:
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


def test_all_waiters_for_the_same_acknowledgements_are_woken(broker: Broker, prefix: str) -> None:
    """A tick and a revocation wait for the same batches."""
    topic = f"{prefix}out"
    broker.create_topics({topic: 1})

    async def work() -> None:
        async with running(broker, **{"linger.ms": 500}) as producer:
            pending = producer.pending_acks()
            await producer.send(topic, b"x", pending=pending)
            await asyncio.wait_for(asyncio.gather(pending.wait(), pending.wait(), pending.wait()), 20)
            assert pending.complete

    run(work)


def test_a_missing_topic_is_a_failure(apache_kafka: ApacheKafka, prefix: str) -> None:
    async def work() -> None:
        async with running(apache_kafka, **{"topic.metadata.propagation.max.ms": 500}) as producer:
            pending = producer.pending_acks()
            await producer.send(f"{prefix}nowhere", b"x", pending=pending)
            with pytest.raises(BrokerError, match=f"the broker refused a record for topic {prefix}nowhere"):
                await pending.wait()
            assert not pending.complete

    run(work)


def test_a_record_that_is_too_large_is_replaced_by_the_handler(apache_kafka: ApacheKafka, prefix: str) -> None:
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


def test_a_record_that_is_too_large_is_a_failure_without_a_handler(apache_kafka: ApacheKafka, prefix: str) -> None:
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
        with pytest.raises(BrokerError, match="nothing that depends on it was committed"):
            await pending.wait()
        with pytest.raises(BrokerError):
            producer.raise_failure()
        await producer.stop(0.1)

    run(work)
    assert len(failures) == 1


def test_records_wait_for_an_unreachable_broker(kafka_jars: None, prefix: str) -> None:
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


def test_a_new_client_sends_what_one_that_lost_all_brokers_has_left(kafka_jars: None, prefix: str) -> None:
    """In order, with its headers, each with its acknowledgement; a record that is too large still has its handler."""
    topic, numbers = f"{prefix}out", range(3_000)

    async def work() -> None:
        with ApacheKafka() as kafka:
            kafka.create_topics({topic: 2}, {"max.message.bytes": "10000"})
            async with running(kafka, **{"compression.type": "none", "batch.size": 5_000}) as producer:
                loop, pending = asyncio.get_running_loop(), producer.pending_acks()
                await producer.send(topic, b"before", partition=0, pending=pending)
                await pending.wait()
                await loop.run_in_executor(None, kafka.stop)
                await until(lambda: producer.broker_unreachable)
                records = [(b"key", b"%d" % number) for number in numbers]
                await producer.send_all(topic, records, partition=0, pending=pending)

                async def cut() -> None:
                    await producer.send(topic, b"cut", partition=1, pending=pending, replaces=True)

                await producer.send(
                    topic, bytes(20_000), partition=1, headers=[("h", b"1")], pending=pending, on_too_large=cut
                )
                await producer.send(topic, b"last", partition=1, headers=[("h", b"2")], pending=pending)
                former, producer._lost_brokers.found = producer._producer, True
                await until(lambda: producer._producer is not former)
                await loop.run_in_executor(None, kafka.start)
                await pending.wait()
                assert pending.sent == pending.done == len(numbers) + 3
            read = list(read_to_end(KafkaSettings(brokers=kafka.bootstrap), topic))
            assert [each.value for each in read if each.partition == 0] == [b"before", *(b"%d" % n for n in numbers)]
            assert {each.key for each in read if each.partition == 0} == {None, b"key"}
            rest = {(each.value, each.headers) for each in read if each.partition == 1}
            assert rest == {(b"cut", ()), (b"last", (("h", b"2"),))}

    run(work)


def test_an_idle_producer_notices_that_the_broker_is_reachable_again(kafka_jars: None) -> None:
    async def work() -> None:
        with ApacheKafka() as kafka:
            async with running(kafka) as producer:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, kafka.stop)
                await until(lambda: producer.broker_unreachable)
                await loop.run_in_executor(None, kafka.start)
                await until(lambda: not producer.broker_unreachable)

    run(work)
