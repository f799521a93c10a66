"""`straymail check` reads the state topics, and reports those that have lost records."""

from __future__ import annotations

import uuid

from confluent_kafka import Producer

from streams.cli.check.stored_state import REMEDY, state_lines
from streams.config import Settings
from streams.events.hit import Tick, encode_tick
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import topic_names
from tests.broker.apache import ApacheKafka
from tests.findings.log.test_loss import counted_mails


def test_lost_records_are_reported_by_partition(apache_kafka: ApacheKafka) -> None:
    settings = Settings.model_validate(
        {"brokers": apache_kafka.bootstrap, "topic_prefix": f"{uuid.uuid4()}.", "topics": {"hits_partitions": 2}}
    )
    create_topics(settings)
    names = topic_names(settings)
    assert [line.level for line in state_lines(settings, 2)] == ["ok", "ok"]
    producer = Producer({"bootstrap.servers": apache_kafka.bootstrap})
    written = counted_mails(4)
    for key, value in [*written, *written[1:]]:
        producer.produce(names.typo_hits_state, key=key, value=value, partition=0)
    for key, value in written[1:]:
        producer.produce(names.typo_hits_state, key=key, value=value, partition=1)
    producer.produce(names.typo_domains, key=b"army.ml", value=b"a hit", partition=0)
    producer.produce(names.typo_domains, value=encode_tick(Tick({}, 2)), partition=1)  # asks for the broker's time
    producer.flush()
    senders, domains = state_lines(settings, 2)
    assert (senders.level, senders.subject, senders.remedy) == ("warning", names.typo_hits_state, REMEDY)
    assert senders.what == "partition 1: 1 record of the state is missing"
    assert (domains.level, domains.what) == ("warning", "partition 0: the whole state is missing")
