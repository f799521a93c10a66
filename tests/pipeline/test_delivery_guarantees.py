"""No hit is lost or counted twice: two workers, compared with an oracle that reads the same input in a plain loop."""

from __future__ import annotations

import os
import signal
import threading
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from streams.events.finding import CREATE
from streams.events.hit import Tick, TypoHit, decode_hit_or_tick, encode_hit, encode_tick
from tests.findings.oracle import finals
from tests.pipeline.conftest import NewWorker
from tests.pipeline.mail import expected_hits, mail_events
from tests.pipeline.topics import Topics
from tests.pipeline.worker import wait_until

RECORDS = int(os.environ.get("RECORDS", "200000"))
FAR_FUTURE_MS = 4_000_000_000_000


def publish(topics: Topics, seed: int) -> threading.Thread:
    """Send the stream in a thread; the returned thread is started."""
    events = mail_events(RECORDS, seed=seed)
    keyed = ((event["sender"], orjson.dumps(event)) for event in events)
    thread = threading.Thread(target=topics.send, args=(topics.names.events, keyed), daemon=True)
    thread.start()
    return thread


def done_with_half(topics: Topics) -> bool:
    return sum(topics.committed(topics.names.events).values()) >= RECORDS * 0.4


def finish(topics: Topics) -> None:
    """Wait until all records are committed, end every window with a last tick, and wait again."""
    names = topics.names
    wait_until(topics.all_committed, seconds=60, what="everything is committed")
    last = encode_tick(Tick({str(partition): FAR_FUTURE_MS for partition in topics.ends(names.events)}, 8))
    for topic in (names.typo_hits, names.typo_domains):
        topics.send_to_each_partition(topic, last)
    wait_until(topics.all_committed, seconds=60, what="the last tick is committed")


def check(topics: Topics) -> None:
    """Verify that every hit is published, every finding has the oracle's count and severity, and no id has two
    contents: but for its place in the topic, where an event was sent twice."""
    expected = expected_hits(topics.values(topics.names.events))
    published: defaultdict[tuple[str, str], set[bytes]] = defaultdict(set)
    records = 0
    for value in topics.values(topics.names.typo_hits):
        hit = decode_hit_or_tick(value)
        if not isinstance(hit, Tick):
            records += 1
            published[hit.event_id, hit.domain].add(
                encode_hit(msgspec.structs.replace(hit, partition=None, offset=None))
            )
    assert published.keys() == {(hit.event_id, hit.domain) for hit in expected}
    assert all(len(contents) == 1 for contents in published.values()), "a hit id has two contents"
    assert records - len(expected) < len(expected) / 20, "more than one record in twenty was read twice"
    check_alerts(topics, expected)


def check_alerts(topics: Topics, expected: list[TypoHit]) -> None:
    contents: defaultdict[str, set[bytes]] = defaultdict(set)
    identities: defaultdict[tuple[object, ...], set[bytes]] = defaultdict(set)
    last: dict[str, dict[str, Any]] = {}
    sequences: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for value in topics.values(topics.names.alerts):
        alert = orjson.loads(value)
        uid, metadata = alert["finding_info"]["uid"], alert["metadata"]
        contents[metadata["uid"]].add(value)
        identities[(uid, alert["activity_id"], alert["count"], alert["severity_id"], metadata["sequence"])].add(value)
        sequences[uid].append((metadata["sequence"], alert["activity_id"]))
        last[uid] = alert
    assert all(len(values) == 1 for values in contents.values()), "an alert's uid has two contents"
    assert all(len(values) == 1 for values in identities.values()), "an alert's identity has two contents"
    assert all(min(states)[1] == CREATE for states in sequences.values())
    assert {_key(alert): (alert["count"], alert["severity"].lower()) for alert in last.values()} == finals(expected)


def _key(alert: dict[str, Any]) -> tuple[str, str, int]:
    own = alert["unmapped"]["straymail"]
    assert own["window_state"] == "final"
    return (
        own["rule"],
        own["sender"] if own["group_by"] == "sender" else own["domains"][0]["domain"],
        alert["start_time"],
    )


@pytest.mark.timeout(240)
def test_two_workers(pipeline: Topics, new_worker: NewWorker) -> None:
    one, two = new_worker(HISTORY="true"), new_worker(HISTORY="true")
    one.wait_ready()
    two.wait_ready()
    publish(pipeline, seed=1).join()
    finish(pipeline)
    check(pipeline)
    assert one.stop() == 0
    assert two.stop(signal.SIGINT) == 0
    assert pipeline.nothing_left()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_ends_midway_and_is_replaced(pipeline: Topics, new_worker: NewWorker, by: signal.Signals) -> None:
    kept, ended = new_worker(HISTORY="true"), new_worker(HISTORY="true")
    kept.wait_ready()
    ended.wait_ready()
    sending = publish(pipeline, seed=2)
    wait_until(lambda: done_with_half(pipeline), seconds=60, what="the first part is committed")
    ended.send_signal(by)
    assert ended.wait() == (0 if by == signal.SIGTERM else -signal.SIGKILL)
    added = new_worker(HISTORY="true")
    added.wait_ready()
    sending.join()
    finish(pipeline)
    check(pipeline)
    assert kept.stop() == added.stop() == 0
    assert pipeline.nothing_left()


@pytest.mark.timeout(240)
def test_a_batch_fetched_before_a_rebalance_is_dropped(pipeline: Topics, new_worker: NewWorker, tmp_path: Path) -> None:
    """The first worker's fetches are delayed while a second one joins: it then has batches of revoked partitions."""
    stall = tmp_path / "stall"
    one = new_worker(("-m", "tests.pipeline.stalling_worker", str(stall)), HISTORY="true")
    one.wait_ready()
    stall.touch()
    sending = publish(pipeline, seed=3)
    two = new_worker(HISTORY="true")
    two.wait_ready()
    stall.unlink()
    sending.join()
    finish(pipeline)
    check(pipeline)
    assert one.metric("straymail_stale_batches_total") > 0
    assert one.stop() == two.stop() == 0
    assert pipeline.nothing_left()
