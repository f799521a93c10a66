"""Every PromQL expression of dashboard and rules gives data on a real Prometheus that scrapes a real worker and a real
gate on a real Kafka while events flow."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterator, Mapping

import orjson
import pytest

from streams.clock import now_ms
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.broker.ports import free_ports
from tests.deploy.lag_exporter import LagExporter
from tests.deploy.prometheus import Prometheus
from tests.deploy.promql import always_true_or_false, panel_queries, rules
from tests.pipeline.mail import WATCHLIST
from tests.pipeline.topics import Topics
from tests.pipeline.worker import TookTooLongError, WorkerProcess, wait_until

pytestmark = pytest.mark.timeout(300, func_only=True)

SECONDS = 90.0


class Feed(threading.Thread):
    """Mail events of now, some of them to mistyped domains and some unreadable, until it is told to stop."""

    def __init__(self, topics: Topics) -> None:
        super().__init__(daemon=True)
        self._topics, self._told = topics, threading.Event()

    def run(self) -> None:
        rng = random.Random(1)
        number = 0
        while not self._told.wait(0.5):
            records = [event(rng, number + i) for i in range(50)]
            number += len(records)
            self._topics.send(self._topics.names.events, iter([*records, ("broken", b"{")]))

    def stop(self) -> None:
        self._told.set()
        self.join()


def event(rng: random.Random, number: int) -> tuple[str, bytes]:
    domain = "army.ml" if rng.random() < 0.1 else f"partner{rng.randrange(2000)}.example.com"
    sender = f"desk{rng.randrange(20)}@mod.gov.uk"
    record = {
        "id": f"e{number}",
        "time": now_ms(),
        "sender": sender,
        "delivery": "delivered",
        "recipients": [f"x@{domain}"],
        "source": "gateway",
    }
    return sender, orjson.dumps(record)


def gate_process(environment: Mapping[str, str]) -> WorkerProcess:
    """A gate whose pages are at `port`."""
    port, policy = free_ports(2)
    own = {"GATE_PORT": str(port), "GATE_POLICY": f"127.0.0.1:{policy}"}
    return WorkerProcess({**environment, **own}, ("-m", "streams", "gate"), port=port)


@pytest.fixture(scope="module")
def watched(apache_kafka: ApacheKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that watches a worker at work, and a gate."""
    if shutil.which("prometheus") is None:
        pytest.skip("there is no prometheus on the path: install Debian's prometheus")
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix="promql.")
    create_topics(settings)
    topics = Topics(settings, group="promql.straymail")
    watchlist = tmp_path_factory.mktemp("watchlist") / "watchlist.yaml"
    watchlist.write_text(WATCHLIST)
    environment = {
        "BROKERS": settings.brokers,
        "TOPIC_PREFIX": settings.topic_prefix,
        "WATCHLIST": str(watchlist),
        "SOURCES": "gateway",
        "OWN_DOMAINS": "mod.gov.uk",
    }
    feed = Feed(topics)
    with WorkerProcess(environment) as worker, gate_process(environment) as gate, LagExporter(topics) as lag:
        worker.wait_ready()
        gate.wait_ready()
        feed.start()
        targets = {"straymail": worker.port, "straymail-gate": gate.port, "kafka-exporter": lag.port}
        with Prometheus(targets) as prometheus:
            yield prometheus
        feed.stop()
    topics.close()


def without_data(prometheus: Prometheus, expressions: list[str]) -> list[str]:
    """Those that give nothing within the time."""
    missing = list(expressions)

    def none_is_missing() -> bool:
        missing[:] = [expression for expression in missing if not prometheus.query(expression)]
        return not missing

    try:
        wait_until(none_is_missing, seconds=SECONDS, what="every expression gives data")
    except TookTooLongError:
        return missing
    return []


def test_every_panel_shows_something(watched: Prometheus) -> None:
    assert without_data(watched, panel_queries()) == []


def test_every_recording_rule_records(watched: Prometheus) -> None:
    assert without_data(watched, [rule["record"] for rule in rules() if "record" in rule]) == []


def test_every_alert_has_data_to_judge_by(watched: Prometheus) -> None:
    alerts = [always_true_or_false(rule["expr"]) for rule in rules() if "alert" in rule]
    assert without_data(watched, alerts) == []
    assert watched.rule_problems() == []


def test_what_is_wrong_fires_and_what_is_well_does_not(watched: Prometheus) -> None:
    wait_until(lambda: "StraymailDeadLetters" in watched.firing(), seconds=SECONDS, what="dead letters are told")
    assert watched.firing() <= {"StraymailDeadLetters"}
