"""Topics that are deleted while a worker runs."""

from __future__ import annotations

import asyncio

import pytest
from confluent_kafka.admin import AdminClient

from streams.errors import BrokerError
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.topics.watch import TopicWatch
from tests.broker.apache import ApacheKafka
from tests.pipeline.worker import wait_until


def test_a_deleted_topic_is_reported_at_the_second_check(apache_kafka: ApacheKafka, prefix: str) -> None:
    kept, deleted = f"{prefix}kept", f"{prefix}deleted"
    apache_kafka.create_topics({kept: 1, deleted: 1})

    async def work() -> None:
        producer = AsyncProducer({"bootstrap.servers": apache_kafka.bootstrap, "log_level": 0})
        producer.start()
        watch = TopicWatch(producer, [kept, deleted])
        await watch.check()
        await asyncio.get_running_loop().run_in_executor(None, delete, apache_kafka, deleted)
        await watch.check()
        with pytest.raises(BrokerError, match=f"topic {deleted} was deleted: create it again"):
            await watch.check()
        await producer.stop(1)

    asyncio.run(work())


def delete(kafka: ApacheKafka, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
    admin.delete_topics([topic])[topic].result(30)
    wait_until(lambda: topic not in admin.list_topics(timeout=10).topics, seconds=30, what="the topic is deleted")
