"""The same history in a pipeline, ended by `straymail import --finish`, and in a backtest: both find the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson
import pytest

from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.backtest.history import events
from tests.broker.apache import ApacheKafka
from tests.pipeline.mail import mail_events
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess

EVENTS = int(os.environ.get("EVENTS", "100000"))
WATCHLIST = "watched: ['*.mil', nato.int]\nmistakes: {army.ml: army.mil, us.af.ml: us.af.mil}\n"
Findings = dict[tuple[str, str, int], tuple[int, int, str, int, str]]


def straymail(arguments: list[str], settings: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STRAYMAIL_")}
    own = {f"STRAYMAIL_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "streams", *arguments]
    return subprocess.run(command, env=clean | own, capture_output=True, timeout=200)


def last_states(alerts: Iterable[bytes]) -> Findings:
    """The last state of each finding: count, peak, severity, number of delivered mails, and window state."""
    newest: dict[tuple[str, str, int], int] = {}
    last: Findings = {}
    for value in alerts:
        alert = orjson.loads(value)
        own, sequence = alert["unmapped"]["straymail"], alert["metadata"]["sequence"]
        name = own["sender"] if own["group_by"] == "sender" else own["domains"][0]["domain"]
        key = (own["rule"], name, alert["start_time"])
        if sequence >= newest.get(key, 0):
            newest[key] = sequence
            last[key] = (alert["count"], own["peak"], alert["severity"], own["delivered_count"], own["window_state"])
    return last


@pytest.mark.timeout(300)
def test_backtest_and_pipeline_find_the_same(apache_kafka: ApacheKafka, prefix: str, tmp_path: Path) -> None:
    """Three days of listed mistakes, repeated and late, and a year of slips of many kinds."""
    log, watchlist = tmp_path / "events.jsonl", tmp_path / "watchlist.yaml"
    made = [*mail_events(EVENTS * 4 // 5, seed=11), *events(EVENTS // 5, slips=0.02)]
    uncertain = {"id": "d1", "message_id": "<d1@mod.gov.uk>", "recipients": ["u1@army.co"]}  # less than certain
    made.append(made[-1] | uncertain)
    log.write_bytes(b"".join(orjson.dumps(event) + b"\n" for event in made))
    watchlist.write_text(WATCHLIST)
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=f"history.{prefix}")
    create_topics(settings)
    topics = Topics(settings, group=f"history.{prefix}straymail")
    kafka = {"BROKERS": settings.brokers, "WATCHLIST": str(watchlist)}
    with WorkerProcess(kafka | {"TOPIC_PREFIX": f"history.{prefix}", "HISTORY": "true"}) as worker:
        worker.wait_ready()
        done = straymail(["import", "jsonl", str(log), "--finish"], kafka | {"TOPIC_PREFIX": prefix})
        assert done.returncode == 0, done.stderr
        assert b"all windows are closed" in done.stderr
        assert worker.stop() == 0
    found = last_states(topics.values(topics.names.alerts))
    topics.close()
    alerts = tmp_path / "alerts.jsonl"
    done = straymail(["backtest", "jsonl", str(log), "--alerts", str(alerts), "--json"], kafka)
    assert done.returncode == 0, done.stderr
    assert last_states(alerts.read_bytes().splitlines()) == found
    assert {state for *_, state in found.values()} == {"final"}
    assert {rule for rule, _, _ in found} == {"sender-typo-hits", "domain-leak", "suspect-domain"}
