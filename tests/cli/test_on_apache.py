"""The commands one after the other on a real Kafka, as a new user would try them."""

from __future__ import annotations

import pytest

from streams.config import Settings, load_settings
from streams.data.samples import sample_events
from streams.events.alert import encode_alert
from streams.events.hit import encode_hit
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import topic_names
from tests.broker.apache import ApacheKafka
from tests.cli.conftest import RunCommand
from tests.cli.finding import finding
from tests.cli.hits.test_run import HITS


@pytest.fixture
def real(apache_kafka: ApacheKafka, prefix: str, monkeypatch: pytest.MonkeyPatch, run: RunCommand) -> Settings:
    monkeypatch.setenv("STRAYMAIL_BROKERS", apache_kafka.bootstrap)
    monkeypatch.setenv("STRAYMAIL_TOPIC_PREFIX", prefix)
    assert run("topics", "create", "--wait", "60").exit_code == 0
    return load_settings()


def test_publish_and_replay(real: Settings, run: RunCommand) -> None:
    published = run("publish", "--sample")
    assert published.exit_code == 0
    assert f"{sum(1 for _ in sample_events(0)):,} sent" in published.err
    assert "0 dead letters sent back" in run("replay").err


def test_alerts_and_the_mails_of_one(real: Settings, run: RunCommand) -> None:
    names = topic_names(real)
    with SyncProducer(real, names.typo_hits) as producer:
        for hit in HITS:
            producer.send(encode_hit(hit))
    with SyncProducer(real, names.alerts) as producer:
        producer.send(encode_alert(finding()), key=finding().uid.encode())
    uid = run("alerts", "--severity", "high").rows[0]["finding_info"]["uid"]  # type: ignore[index]
    assert [row["message_id"] for row in run("hits", "--finding", uid).rows] == ["m2", "m1"]
    assert run("hits", "--since", "1h").rows
    assert not run("alerts", "--since", "2199-01-01T00:00:00Z").rows
