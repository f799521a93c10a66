"""The producer of commands: acknowledged records, refused records and failures."""

from __future__ import annotations

import os

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from streams.errors import BrokerError
from streams.kafka.clients import sync_producer
from streams.kafka.clients.read import read_to_end
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.settings import KafkaSettings
from tests.broker.apache import ApacheKafka
from tests.broker.contract import Broker


def test_all_records_are_acknowledged_at_the_end(broker: Broker, settings: KafkaSettings, prefix: str) -> None:
    broker.create_topics({f"{prefix}sent": 3})
    with SyncProducer(settings, f"{prefix}sent") as producer:
        for number in range(5_000):
            producer.send(b"%d" % number, key=b"%d" % (number % 7), headers=[("number", b"%d" % number)])
        producer.send(None, key=b"tombstone")
    assert (producer.acknowledged, producer.refused) == (5_001, 0)
    records = list(read_to_end(settings, f"{prefix}sent"))
    assert sorted(int(record.value) for record in records if record.value is not None) == list(range(5_000))
    assert all(record.headers == (("number", record.value),) for record in records if record.value is not None)


def test_refused_records_are_counted_and_the_others_are_sent(apache_kafka: ApacheKafka, prefix: str) -> None:
    topic, settings = f"{prefix}small", KafkaSettings(brokers=apache_kafka.bootstrap)
    admin = AdminClient({"bootstrap.servers": apache_kafka.bootstrap})
    admin.create_topics([NewTopic(topic, 1, config={"max.message.bytes": "20000"})])[topic].result()
    with SyncProducer(settings, topic) as producer:
        for size in (10, 30_000, 10, 200_000, 10):
            producer.send(os.urandom(size))
    assert (producer.acknowledged, producer.refused) == (3, 2)
    assert "too large" in producer.refusal
    assert [len(record.value or b"") for record in read_to_end(settings, topic)] == [10, 10, 10]


def test_a_missing_topic_is_reported(
    broker: Broker, settings: KafkaSettings, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_producer, "SETTLE_S", 0.2)
    with pytest.raises(BrokerError, match="straymail topics create"), SyncProducer(settings, f"{prefix}nosuch"):
        pass


def test_after_an_exception_no_acknowledgement_is_awaited(broker: Broker, settings: KafkaSettings, prefix: str) -> None:
    broker.create_topics({f"{prefix}sent": 1})
    with pytest.raises(ZeroDivisionError), SyncProducer(settings, f"{prefix}sent") as producer:
        producer.send(b"%d" % (1 // producer.acknowledged))
