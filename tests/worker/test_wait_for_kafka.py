"""Workers that start before Kafka answers, and those that no waiting would help."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.config import Settings
from streams.errors import BrokerError, BrokerUnreachable
from streams.kafka.topics.admin import create_topics
from streams.worker.wait_for_kafka import wait_for_kafka
from tests.broker.apache import ApacheKafka
from tests.broker.secure import PASSWORD, USER, SecureKafka
from tests.pipeline.mail import WATCHLIST
from tests.pipeline.worker import WorkerProcess, wait_until


@pytest.fixture
def kafka(kafka_jars: None) -> Iterator[ApacheKafka]:
    """A new Kafka that isn't started yet."""
    kafka = ApacheKafka()
    kafka.prepare()
    yield kafka
    kafka.close()


def settings(brokers: str, prefix: str, **more: object) -> Settings:
    return Settings.model_validate({"brokers": brokers, "topic_prefix": prefix} | more)


def test_a_worker_waits_for_a_new_kafka_and_logs_no_error(kafka: ApacheKafka, tmp_path: Path) -> None:
    watchlist = tmp_path / "watchlist.yaml"
    watchlist.write_text(WATCHLIST)
    with WorkerProcess({"BROKERS": kafka.bootstrap, "WATCHLIST": str(watchlist)}) as worker:
        wait_until(lambda: worker.get("/health/live")[0] == 200, seconds=60, what="the worker is live")
        assert worker.get("/health/ready") == (503, "not ready: no broker can be reached\n")
        assert worker.metric("straymail_ready") == 0
        assert worker.log.count("waiting for Kafka: can't reach Kafka: no Kafka broker answers at") == 1
        kafka.start()
        worker.wait_ready()
        assert worker.stop() == 0
        assert "Kafka answers" in worker.log
        assert f"ready, metrics at http://127.0.0.1:{worker.port}/metrics" in worker.log
        assert " ERROR " not in worker.log
        assert "Marking the coordinator dead" not in worker.log


def test_a_refused_login_is_no_reason_to_wait(secure_kafka: SecureKafka, prefix: str) -> None:
    login = {"protocol": "SASL_PLAINTEXT", "username": USER, "password": "wrong"}
    refused = settings(secure_kafka.address("SASL_PLAINTEXT"), prefix, security=login)
    with pytest.raises(BrokerError, match="refused the login") as raised:
        wait_for_kafka(refused)
    assert not isinstance(raised.value, BrokerUnreachable)
    assert PASSWORD not in str(raised.value)


def test_refused_tls_is_no_reason_to_wait(secure_kafka: SecureKafka, prefix: str) -> None:
    for wrong in (
        settings(secure_kafka.bootstrap, prefix, security={"protocol": "SSL"}),
        settings(secure_kafka.address("SSL"), prefix),
    ):
        with pytest.raises(BrokerError, match=r"check security\.protocol|set security\.protocol") as raised:
            wait_for_kafka(wrong)
        assert not isinstance(raised.value, BrokerUnreachable)


def test_a_missing_topic_is_no_reason_to_wait(apache_kafka: ApacheKafka, prefix: str) -> None:
    with pytest.raises(BrokerError, match="there is no topic"):
        wait_for_kafka(settings(apache_kafka.bootstrap, prefix, topics={"create": False}))


def test_missing_topics_are_created(apache_kafka: ApacheKafka, prefix: str) -> None:
    own = settings(apache_kafka.bootstrap, prefix)
    wait_for_kafka(own)
    assert create_topics(own) == []
