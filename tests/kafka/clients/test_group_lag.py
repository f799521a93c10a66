"""How much a group has left, looked at from outside, on a broker that may go away."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, TopicPartition

from streams.errors import BrokerError
from streams.kafka.clients.group_lag import GroupWatch
from streams.kafka.settings import KafkaSettings
from tests.broker.apache import ApacheKafka
from tests.broker.contract import produce


def commit(kafka: ApacheKafka, group: str, *offsets: TopicPartition) -> None:
    member = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": group, "log_level": 0})
    member.commit(offsets=list(offsets), asynchronous=False)
    member.close()


@pytest.mark.timeout(300)
def test_what_is_left_and_a_broker_that_goes_away(kafka_jars: None) -> None:
    with ApacheKafka() as kafka:
        kafka.create_topics({"in": 2})
        produce(kafka, "in", [b"a", b"b", b"c"], partition=0)
        produce(kafka, "in", [b"d"], partition=1)
        watch = GroupWatch(KafkaSettings(brokers=kafka.bootstrap), "some-group", ["in"])
        assert watch.left() == 4
        commit(kafka, "some-group", TopicPartition("in", 0, 2))
        assert watch.left() == 2
        kafka.kill()
        with pytest.raises(BrokerError, match="can't read the offsets of group some-group"):
            watch.left()
