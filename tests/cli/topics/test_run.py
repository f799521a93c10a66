"""Making topics and checking them, on a real Kafka."""

from __future__ import annotations

from threading import Timer

import pytest

from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.cli.conftest import Ran


@pytest.fixture
def real(apache_kafka: ApacheKafka, prefix: str, monkeypatch: pytest.MonkeyPatch) -> KafkaSettings:
    monkeypatch.setenv("STRAYMAIL_BROKERS", apache_kafka.bootstrap)
    monkeypatch.setenv("STRAYMAIL_TOPIC_PREFIX", prefix)
    return KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)


def test_they_are_made_once(real: KafkaSettings, run: Ran) -> None:
    assert {row["what"] for row in run("topics", "create").rows} >= {"made with 8 partitions"}
    again = run("topics", "create")
    assert again.status == 0
    assert {row["what"] for row in again.rows} == {"was there"}
    assert len(again.rows) == 7
    checked = run("topics", "check")
    assert checked.status == 0
    assert {row["level"] for row in checked.rows} == {"ok"}


def test_what_is_wrong_is_told(real: KafkaSettings, run: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = run("topics", "check", "--wait", "0")
    assert missing.status == 1
    assert {row["level"] for row in missing.rows} == {"error"}
    create_topics(real)
    monkeypatch.setenv("STRAYMAIL_TOPICS_HITS_PARTITIONS", "4")
    changed = run("topics", "check", "--wait", "0")
    assert changed.status == 1
    assert "another number needs new topics" in changed.out.decode()


def test_a_check_waits_for_somebody_to_make_them(real: KafkaSettings, run: Ran) -> None:
    timer = Timer(1.0, create_topics, [real])
    timer.start()
    try:
        assert run("topics", "check", "--wait", "30").status == 0
    finally:
        timer.join()
