"""A worker notices that the newest records of its state are gone, by what the group committed with its offsets."""

from __future__ import annotations

import time

import orjson
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from streams.kafka.topics.admin import create_topics
from tests.pipeline.conftest import NewWorker
from tests.pipeline.topics import Topics
from tests.pipeline.worker import wait_until

MAILS = 40


def send(topics: Topics) -> None:
    mail = {"time": int(time.time() * 1000), "sender": "desk@mod.gov.uk", "recipients": ["jo@army.ml"]}
    topics.send(topics.names.events, (("k", orjson.dumps(mail | {"id": f"{number}"})) for number in range(MAILS)))


def cut(topics: Topics, topic: str) -> None:
    """Make the topic again without the second half of its records, as after a crash of a broker that had no replica."""
    kept: dict[int, list[tuple[bytes | None, bytes | None]]] = {partition: [] for partition in topics.ends(topic)}
    for record in topics.read(topic):
        kept[record.partition].append((record.key, record.value))
    admin = AdminClient({"bootstrap.servers": topics.settings.brokers, "log_level": 0})
    admin.delete_topics([topic])[topic].result(30)
    wait_until(lambda: topic not in admin.list_topics(timeout=10).topics, seconds=30, what="the topic is deleted")
    create_topics(topics.settings, 60)
    producer = Producer({"bootstrap.servers": topics.settings.brokers})
    for partition, records in kept.items():
        for key, value in records[: len(records) // 2]:
            producer.produce(topic, value, key, partition)
    assert producer.flush(30) == 0


def test_the_loss_of_the_newest_records_is_noticed(pipeline: Topics, new_worker: NewWorker) -> None:
    names = pipeline.names
    first = new_worker()
    first.wait_ready()
    send(pipeline)
    wait_until(lambda: bool(pipeline.values(names.alerts)), seconds=30, what="an alert is published")
    wait_until(pipeline.all_committed, seconds=30, what="everything is committed")
    assert first.stop() == 0
    cut(pipeline, names.typo_hits_state)
    second = new_worker()
    second.wait_ready()
    assert f"topic {names.typo_hits_state}" in second.log
    assert "so findings may be wrong" in second.log
    damaged = "straymail_state_damaged"
    wait_until(lambda: second.metric(damaged, topic=names.typo_hits) > 0, seconds=30, what="the metric shows it")
    assert second.metric(damaged, topic=names.typo_domains) == 0
    assert second.stop() == 0
