"""One worker as operators and users see it: HTTP endpoints, bad records, reloads, stops and refusals."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.broker.apache import ApacheKafka
from tests.pipeline.conftest import NewWorker
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

NOW_MS = int(time.time() * 1000)
GOOD = {
    "id": "good",
    "message_id": "<good@mod.gov.uk>",
    "time": NOW_MS,
    "sender": "desk7@mod.gov.uk",
    "recipients": ["jo@army.ml"],
}
BAD = {
    "not-json": b"hello",
    "not-utf8": b'{"id": "\xff"}',
    "wrong-type": orjson.dumps(GOOD | {"recipients": "jo@army.ml"}),
    "missing-field": b"{}",
    "bad-address": orjson.dumps(GOOD | {"recipients": ["jo"]}),
    "time-out-of-range": orjson.dumps(GOOD | {"time": 12}),
    "time-in-future": orjson.dumps(GOOD | {"time": NOW_MS + 3_600_000}),
    "too-deep": b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
LARGE = (b"[" * 10_000_000, b'{"id": NaN}')


def send(topics: Topics, *events: dict[str, Any]) -> None:
    topics.send(topics.names.events, iter([("k", orjson.dumps(event)) for event in events]))


def alerts(topics: Topics) -> list[dict[str, Any]]:
    return [orjson.loads(value) for value in topics.values(topics.names.alerts)]


def titles(topics: Topics) -> set[str]:
    return {alert["finding_info"]["title"] for alert in alerts(topics)}


def test_http_endpoints(new_worker: NewWorker) -> None:
    worker = new_worker()
    worker.wait_ready()
    assert worker.get("/health/live") == (200, "live\n")
    assert worker.get("/health/ready") == (200, "ready\n")
    for path in ("/", "/stats/", "/graph", "/router/", "/table/", "/performance", "/metrics/"):
        assert worker.get(path)[0] == 404, path
    text = worker.get("/metrics")[1]
    assert 'straymail_dead_letters_total{reason="not-json"} 0.0' in text
    assert 'straymail_alerts_total{activity="create",rule="domain-leak",severity="high"} 0.0' in text
    assert "straymail_ready 1.0" in text


def test_promtool_accepts_the_metrics(new_worker: NewWorker, promtool: str) -> None:
    worker = new_worker()
    worker.wait_ready()
    text = worker.get("/metrics")[1]
    own = "\n".join(line for line in text.splitlines() if "straymail_" in line) + "\n"
    checked = subprocess.run([promtool, "check", "metrics"], input=own, text=True, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_log_whose_end_fell_below_the_committed_offset_is_read_from_its_start(
    pipeline: Topics, new_worker: NewWorker
) -> None:
    """As after a topic was created again, or the broker's disk lost its newest records."""
    pipeline.commit(1_000, pipeline.names.events)
    send(pipeline, GOOD)
    worker = new_worker()
    worker.wait_ready()
    wait_until(lambda: bool(alerts(pipeline)), seconds=30, what="the mail is scored")
    assert "offset 1000 no longer exists" in worker.log
    send(pipeline, GOOD | {"id": "next", "message_id": "<next@mod.gov.uk>", "recipients": ["jo@navy.ml"]})
    wait_until(pipeline.all_committed, seconds=30, what="the next mail is committed, too")
    assert worker.stop() == 0


def test_unreadable_records_become_dead_letters_and_the_stream_continues(
    pipeline: Topics, new_worker: NewWorker
) -> None:
    worker = new_worker()
    worker.wait_ready()
    bad = [*BAD.values(), *LARGE]
    pipeline.send(pipeline.names.events, iter([("k", value) for value in bad] + [("k", orjson.dumps(GOOD))]))
    wait_until(lambda: bool(alerts(pipeline)), seconds=30, what="an alert for the good one")
    records = list(pipeline.read(pipeline.names.dead_letters))
    assert sorted(record.value or b"" for record in records) == sorted(bad), "byte for byte, the 10 MB too"
    assert {dict(record.headers)["reason"] for record in records} >= {reason.encode() for reason in BAD}
    assert worker.metric("straymail_dead_letters_total") == len(bad)
    assert worker.metric("straymail_events_total", outcome="unreadable") == len(bad)
    sources = {record.offset: record for record in pipeline.read(pipeline.names.events)}
    for record in records:
        headers = {name: (value or b"").decode() for name, value in record.headers}
        assert headers["topic"] == pipeline.names.events
        assert sources[int(headers["offset"])].value == record.value
    assert "jo@" not in worker.log


def test_an_alerts_title(pipeline: Topics, new_worker: NewWorker) -> None:
    new_worker().wait_ready()
    mails = [GOOD | {"id": f"e{n}", "message_id": f"<{n}@mod.gov.uk>"} for n in range(3)]
    send(pipeline, *mails)
    wanted = "desk7@mod.gov.uk sent 3 mails to army.ml, probably meant for army.mil"
    wait_until(lambda: wanted in titles(pipeline), seconds=30, what=wanted)


def test_a_changed_watchlist_is_used_and_an_invalid_one_refused(
    pipeline: Topics, new_worker: NewWorker, watchlist: Path
) -> None:
    worker = new_worker()
    worker.wait_ready()
    send(pipeline, GOOD)
    wait_until(lambda: len(alerts(pipeline)) == 1, seconds=30, what="an alert")

    watchlist.write_text("watched: [mod.gov.uk]\nnonsense: 1\n")
    refused = ("straymail_watchlist_reloads_total", "failure")
    wait_until(lambda: worker.metric(refused[0], result=refused[1]) == 1, seconds=30, what="the bad file is refused")
    assert "the old one stays in use" in worker.log
    assert "line 2" in worker.log

    watchlist.write_text("watched: ['*.mil', mod.gov.uk]\nallowed: [army.ml]\nmistakes: {mod.gov.u: mod.gov.uk}\n")
    wait_until(lambda: worker.metric(refused[0], result="success") == 1, seconds=30, what="the new file is applied")
    send(pipeline, GOOD | {"id": "new", "sender": "other@mod.gov.uk", "recipients": ["jo@mod.gov.u"]})
    wait_until(lambda: any("mod.gov.u," in title for title in titles(pipeline)), seconds=30, what="the new mistake")
    closed = (3, 3)
    wait_until(
        lambda: closed in {(alert["activity_id"], alert.get("status_id")) for alert in alerts(pipeline)},
        seconds=30,
        what="the finding about army.ml, which is allowed now, is withdrawn at the next tick",
    )


def test_only_own_outbound_mail_is_scored(pipeline: Topics, new_worker: NewWorker) -> None:
    worker = new_worker(OWN_DOMAINS="mod.gov.uk,army.mod.uk")
    worker.wait_ready()
    others = GOOD | {"id": "o", "message_id": "<o@x>", "sender": "jo@example.org"}
    inbound = GOOD | {"id": "i", "message_id": "<i@x>", "direction": "inbound"}
    bounce = GOOD | {"id": "b", "message_id": "<b@x>", "sender": ""}
    sub_domain = GOOD | {"id": "s", "message_id": "<s@x>", "sender": "jo@desk.army.mod.uk"}
    send(pipeline, others, inbound, bounce, GOOD, sub_domain)
    wait_until(lambda: worker.metric("straymail_events_total") == 5, seconds=30, what="all are read")
    assert worker.metric("straymail_events_total", outcome="not-ours") == 2
    assert worker.metric("straymail_events_total", outcome="bounce") == 1
    wait_until(lambda: worker.metric("straymail_typo_hits_total") == 2, seconds=30, what="the two are hits")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_worker_stops_quickly(new_worker: NewWorker, number: signal.Signals) -> None:
    worker = new_worker()
    worker.wait_ready()
    begin = time.monotonic()
    assert worker.stop(number) == 0
    assert time.monotonic() - begin < 15
    assert "Traceback" not in worker.log


def refusal(worker: WorkerProcess) -> tuple[int, str]:
    return worker.wait(60), worker.log


def test_an_invalid_rule_is_reported_at_start(new_worker: NewWorker, tmp_path: Path) -> None:
    config = tmp_path / "straymail.yaml"
    config.write_text(
        "findings:\n  rules:\n    - {name: r, group_by: sender, window: 24h, levels: {3: low, 1: high}}\n"
    )
    status, log = refusal(new_worker(CONFIG=str(config)))
    assert status == 2
    assert "rule 'r': levels must rise" in log
    assert f"{config}, line 3" in log
    assert len(log.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"WEB_PROT": "1"}, "STRAYMAIL_WEB_PROT in the environment: there is no such setting"),
        ({"WEB_PORT": "x"}, "web.port (STRAYMAIL_WEB_PORT): "),
        ({"WATCHLIST": "/nowhere/list.yaml"}, "/nowhere/list.yaml"),
        ({"OWN_DOMAINS": "mod gov uk"}, "own_domains (STRAYMAIL_OWN_DOMAINS): 'mod gov uk' is not a domain name"),
        ({"CONFIG": "/nowhere/config.yaml"}, "can't read the configuration /nowhere/config.yaml"),
    ],
)
def test_an_invalid_setting_is_reported_at_start(new_worker: NewWorker, settings: dict[str, str], problem: str) -> None:
    status, log = refusal(new_worker(**settings))
    assert status == 2
    assert problem in log
    assert len(log.strip().splitlines()) == 1


def test_a_port_in_use_is_reported(new_worker: NewWorker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, log = refusal(new_worker(WEB_PORT=str(taken.getsockname()[1])))
    assert status == 2
    assert "(Address already in use): set an address of this machine, and a free port" in log
    assert len(log.strip().splitlines()) == 1


def test_an_unreachable_broker_is_reported_and_waited_for(new_worker: NewWorker) -> None:
    worker = new_worker(BROKERS="127.0.0.1:1")
    wait_until(lambda: worker.get("/health/ready")[0] == 503, seconds=60, what="the worker isn't ready")
    assert "waiting for Kafka: can't reach Kafka: no Kafka broker answers at 127.0.0.1:1" in worker.log
    assert worker.stop() == 0
    assert len(worker.log.strip().splitlines()) == 1


def test_a_broker_that_hangs_while_state_is_restored_is_waited_for(new_worker: NewWorker) -> None:
    """The state of so many partitions takes seconds, so that the broker hangs amid them."""
    settings = {"OWN_DOMAINS": "mod.gov.uk", "TOPICS_HITS_PARTITIONS": "100", "LOG_LEVEL": "DEBUG"}
    with ApacheKafka() as kafka:
        worker = new_worker(BROKERS=kafka.bootstrap, **settings)
        wait_until(lambda: "domains, 1 is restored" in worker.log, seconds=120, what="the restore has begun")
        kafka.send_signal(signal.SIGSTOP)
        said = re.compile("waiting for Kafka(, to restore the state of|: committed offsets were asked) ")
        wait_until(lambda: bool(said.search(worker.log)), seconds=120, what="the worker waits")
        kafka.send_signal(signal.SIGCONT)
        worker.wait_ready()
        assert worker.stop() == 0


def test_a_missing_topic_is_reported(new_worker: NewWorker) -> None:
    status, log = refusal(new_worker(TOPIC_PREFIX="nowhere.", TOPICS_CREATE="false"))
    assert status == 1
    assert "run `straymail topics create`" in log


@pytest.fixture
def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("there is no promtool: apt-get install prometheus")
    return found


def test_an_empty_partition_has_a_committed_offset(pipeline: Topics, new_worker: NewWorker) -> None:
    """For a partition without one an exporter reports no lag, and KEDA counts each record that it ever had."""
    worker, names = new_worker(), pipeline.names
    worker.wait_ready()

    def all_have_one() -> bool:
        topics = (names.events, names.typo_hits, names.typo_domains)
        return not any(pipeline.without_position(topic) for topic in topics)

    wait_until(all_have_one, seconds=30, what="offsets are committed")
    assert set(pipeline.committed(names.events).values()) == {0}
    assert worker.stop() == 0
