"""Creating and checking topics, on a real Kafka."""

from __future__ import annotations

from threading import Timer

import pytest

from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.cli.conftest import RunCommand


@pytest.fixture
def real(apache_kafka: ApacheKafka, prefix: str, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    monkeypatch.setenv("STRAYMAIL_BROKERS", apache_kafka.bootstrap)
    monkeypatch.setenv("STRAYMAIL_TOPIC_PREFIX", prefix)
    return KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)


def test_topics_are_created_once(real: KafkaSettings, run: RunCommand) -> None:
    assert {row["what"] for row in run("topics", "create").rows} >= {"created with 8 partitions"}
    again = run("topics", "create")
    assert again.exit_code == 0
    assert {row["what"] for row in again.rows} == {"exists already"}
    assert len(again.rows) == 10
    checked = run("topics", "check")
    assert checked.exit_code == 0
    assert {row["level"] for row in checked.rows} == {"ok"}


def test_problems_are_reported(real: KafkaSettings, run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = run("topics", "check", "--wait", "0")
    assert missing.exit_code == 1
    assert {row["level"] for row in missing.rows} == {"error"}
    create_topics(real)
    monkeypatch.setenv("STRAYMAIL_TOPICS_HITS_PARTITIONS", "4")
    changed = run("topics", "check", "--wait", "0")
    assert changed.exit_code == 1
    assert "another number needs new topics" in changed.out.decode()


def test_a_check_waits_until_the_topics_exist(real: KafkaSettings, run: RunCommand) -> None:
    timer = Timer(1.0, create_topics, [real])
    timer.start()
    try:
        assert run("topics", "check", "--wait", "30").exit_code == 0
    finally:
        timer.join()
