"""The runbook's way back from a lost state topic, step by step."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.findings.oracle import finals
from tests.pipeline.mail import WATCHLIST, expected_hits, mail_events
from tests.pipeline.test_delivery_guarantees import _key, finish
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

RECORDS = 20_000


def send(topics: Topics, records: list[dict[str, object]]) -> None:
    topics.send(topics.names.events, ((str(event["sender"]), orjson.dumps(event)) for event in records))
    wait_until(topics.all_committed, seconds=60, what="everything is committed")


def lose_state(topics: Topics) -> None:
    """Delete the state of the senders' hits, as a disaster does; make it anew and go back to the first hit."""
    admin = AdminClient({"bootstrap.servers": topics.settings.brokers, "log_level": 0})
    state, hits = topics.names.typo_hits_state, topics.names.typo_hits
    admin.delete_topics([state])[state].result()
    wait_until(lambda: state not in admin.list_topics(timeout=10).topics, seconds=30, what="the topic is gone")
    assert create_topics(topics.settings) == [state]
    earliest = ConsumerGroupTopicPartitions(topics.group, [TopicPartition(hits, p, 0) for p in topics.ends(hits)])
    admin.alter_consumer_group_offsets([earliest])[topics.group].result()


@pytest.mark.timeout(240)
def test_a_lost_state_topic(apache_kafka: ApacheKafka, prefix: str, tmp_path: Path) -> None:
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    topics = Topics(settings, group=f"{prefix}straymail")
    watchlist = tmp_path / "watchlist.yaml"
    watchlist.write_text(WATCHLIST)
    environment = {"BROKERS": settings.brokers, "TOPIC_PREFIX": prefix, "WATCHLIST": str(watchlist), "HISTORY": "true"}
    events = list(mail_events(RECORDS, seed=5))
    with WorkerProcess(environment) as worker:
        worker.wait_ready()
        send(topics, events[: RECORDS // 2])
        assert worker.stop() == 0
    lose_state(topics)
    with WorkerProcess(environment) as worker:
        worker.wait_ready()
        send(topics, events[RECORDS // 2 :])
        finish(topics)
        assert worker.stop() == 0
    last = {}
    for value in topics.values(topics.names.alerts):
        alert = orjson.loads(value)
        last[alert["finding_info"]["uid"]] = alert
    counted = {_key(alert): (alert["count"], alert["severity"].lower()) for alert in last.values()}
    assert counted == finals(expected_hits(topics.values(topics.names.events)))
    topics.close()
