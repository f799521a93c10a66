from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient

from streams.errors import BrokerError
from streams.kafka.clients.read import read_to_end
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import wanted_topics
from tests.broker.contract import produce


def test_it_has_the_created_topics(embedded_broker: EmbeddedBroker) -> None:
    wanted = {topic.name: topic.partitions for topic in wanted_topics(KafkaSettings())}
    embedded_broker.create_topics(wanted)
    client = AdminClient({"bootstrap.servers": embedded_broker.bootstrap, "log_level": 0})
    found = client.list_topics(timeout=15).topics
    assert {name: len(topic.partitions) for name, topic in found.items()} == wanted


@pytest.mark.parametrize("count", [0, -1, 1_001])
def test_an_impossible_number_of_partitions_is_refused(embedded_broker: EmbeddedBroker, count: int) -> None:
    with pytest.raises(BrokerError, match=f"can't create topic some: 1 to 1000 partitions, not {count}"):
        embedded_broker.create_topics({"some": count})


def test_a_topic_is_created_only_once(embedded_broker: EmbeddedBroker) -> None:
    embedded_broker.create_topics({"some": 1})
    with pytest.raises(BrokerError, match="can't create topic some: the embedded broker has it already"):
        embedded_broker.create_topics({"some": 1})


def test_two_embedded_brokers_are_independent() -> None:
    with EmbeddedBroker() as one, EmbeddedBroker() as other:
        assert one.bootstrap != other.bootstrap
        for broker in (one, other):
            broker.create_topics({"some": 1})
        produce(one, "some", [b"1"])
        counts = [len(list(read_to_end(KafkaSettings(brokers=broker.bootstrap), "some"))) for broker in (one, other)]
    assert counts == [1, 0]


def test_it_ends_with_its_block() -> None:
    with EmbeddedBroker() as broker:
        address = broker.bootstrap
    with pytest.raises(RuntimeError, match="only inside its with statement"):
        broker.create_topics({"some": 1})
    with pytest.raises(BrokerError, match="no Kafka broker answers"):
        list(read_to_end(KafkaSettings(brokers=address), "some", silence_s=1))


def test_it_can_be_started_again() -> None:
    broker = EmbeddedBroker()
    for _ in range(2):
        with broker:
            broker.create_topics({"some": 1})
            produce(broker, "some", [b"1"])
            assert len(list(read_to_end(KafkaSettings(brokers=broker.bootstrap), "some"))) == 1
