"""The commands one after the other on a real Kafka, as a new user would try them."""

from __future__ import annotations

from pathlib import Path

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


def publish_findings(settings: Settings) -> None:
    """Publish hits, and the finding of most of them."""
    names = topic_names(settings)
    with SyncProducer(settings, names.typo_hits) as producer:
        for hit in HITS:
            producer.send(encode_hit(hit))
    with SyncProducer(settings, names.alerts) as producer:
        producer.send(encode_alert(finding()), key=finding().uid.encode())


def test_alerts_and_the_mails_of_one(real: Settings, run: RunCommand) -> None:
    publish_findings(real)
    uid = run("alerts", "--severity", "high").rows[0]["finding_info"]["uid"]  # type: ignore[index]
    assert [row["message_id"] for row in run("hits", "--finding", uid).rows] == ["m2", "m1"]
    assert run("hits", "--since", "1h").rows
    assert not run("alerts", "--since", "2199-01-01T00:00:00Z").rows


def test_the_report_of_a_week(real: Settings, run: RunCommand, tmp_path: Path) -> None:
    publish_findings(real)
    assert run("triage", finding().uid, "--resolve").exit_code == 0
    file = tmp_path / "week.html"
    done = run("report", str(file), "--since", "2023-07-17T00:00:00Z", "--title", "July")
    assert (done.exit_code, done.out) == (0, b"")
    assert done.err == f"{file}: 5 mails to 2 mistaken domains, 0 open findings\n"
    text = file.read_text()
    assert "<h1>July</h1>" in text
    assert topic_names(real).triage in text
    assert (file.stat().st_mode & 0o777) == 0o600
    assert run("report", str(file)).err == f"{file}: 0 mails to 0 mistaken domains, 0 open findings\n"
