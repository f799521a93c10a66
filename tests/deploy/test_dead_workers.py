"""The alert that all workers are dead, by a real Prometheus that has never seen one of them and goes by Kafka alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
import pytest

from streams.clock import now_ms
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.deploy.lag_exporter import LagExporter
from tests.deploy.prometheus import Prometheus
from tests.pipeline.mail import WATCHLIST
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

pytestmark = pytest.mark.timeout(300, func_only=True)

ALERT = "StraymailNothingCommitted"
HURRY = 60
"""The ten minutes that the rule takes become ten seconds."""


def send_mail(topics: Topics) -> None:
    event = {"id": "e", "time": now_ms(), "sender": "desk7@mod.gov.uk", "recipients": ["jo@army.mil"]}
    topics.send(topics.names.events, iter([("k", orjson.dumps(event))]))


def test_it_fires_by_kafkas_own_offsets_and_clears(apache_kafka: ApacheKafka, prefix: str, tmp_path: Path) -> None:
    if shutil.which("prometheus") is None:
        pytest.skip("there is no prometheus on the path: install Debian's prometheus")
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    topics = Topics(settings, group=f"{prefix}straymail")
    (tmp_path / "watchlist.yaml").write_text(WATCHLIST)
    environment = {
        "BROKERS": settings.brokers,
        "TOPIC_PREFIX": prefix,
        "WATCHLIST": str(tmp_path / "watchlist.yaml"),
    }
    with WorkerProcess(environment) as worker:
        worker.wait_ready()
        send_mail(topics)
        wait_until(topics.all_committed, seconds=30, what="the mail is committed")
        worker.kill()
    with LagExporter(topics) as exporter, Prometheus({"kafka-exporter": exporter.port}, HURRY) as prometheus:
        seen = 'changes(kafka_consumergroup_current_offset{topic=~".*typo-domains"}[5m])'
        wait_until(lambda: bool(prometheus.query(seen)), seconds=30, what="Prometheus sees the group")
        assert prometheus.query(f'ALERTS{{alertname="{ALERT}"}}') == [], "no mail waits"
        send_mail(topics)
        wait_until(lambda: ALERT in prometheus.firing(), seconds=60, what="it fires")
        with WorkerProcess(environment):
            wait_until(lambda: ALERT not in prometheus.firing(), seconds=60, what="it clears")
    topics.close()
