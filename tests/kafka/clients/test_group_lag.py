"""The lag of a group, on a broker that is killed."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, TopicPartition

from streams.errors import BrokerError
from streams.kafka.clients.group_lag import GroupLag
from streams.kafka.settings import KafkaSettings
from tests.broker.apache import ApacheKafka
from tests.broker.contract import produce


def commit(kafka: ApacheKafka, group: str, *offsets: TopicPartition) -> None:
    member = Consumer({"bootstrap.servers": kafka.bootstrap, "group.id": group, "log_level": 0})
    member.commit(offsets=list(offsets), asynchronous=False)
    member.close()


@pytest.mark.timeout(300)
def test_the_lag_and_a_broker_that_is_killed(kafka_jars: None) -> None:
    with ApacheKafka() as kafka:
        kafka.create_topics({"in": 2})
        produce(kafka, "in", [b"a", b"b", b"c"], partition=0)
        produce(kafka, "in", [b"d"], partition=1)
        group = GroupLag(KafkaSettings(brokers=kafka.bootstrap), "some-group", ["in"])
        assert group.lag() == 4
        commit(kafka, "some-group", TopicPartition("in", 0, 2))
        assert group.lag() == 2
        kafka.kill()
        with pytest.raises(BrokerError, match="can't read the offsets of group some-group"):
            group.lag()
