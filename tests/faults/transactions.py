"""A feed that writes its mail events in transactions, then falls silent."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import orjson
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.worker.watermarks import LATENESS_MS
from tests.faults.harness import Figures, Harness
from tests.faults.verify import Expectation, all_final, verify
from tests.findings.oracle import MONDAY_MS, OracleRule
from tests.pipeline.mail import MISTAKES
from tests.pipeline.worker import WorkerProcess, wait_until

LEVELS = {1: "low", 3: "medium"}
MAILS = 40
LAG = "straymail_consumer_lag"
EMPTY, DELETED = 0, 1
"""Partitions without a record: one that never had any, one whose records retention has deleted."""


def transactions(harness: Harness) -> Figures:
    """Mail in transactions, some of them aborted, then none: though every partition ends in control records, or in
    nothing, windows end, the group and the metric have no lag, and positions are committed on every partition."""
    _delete_all(harness, DELETED)
    watermark_ms = int(time.time() * 1000) - LATENESS_MS
    window_ms = _window_ms(watermark_ms)
    rule = {"name": "sender", "group_by": "sender", "window": window_ms // 1000, "levels": LEVELS}
    harness.add_workers(2, HISTORY="false", FINDINGS_GRACE="1s", FINDINGS_RULES=json.dumps([rule]))
    _send(harness, watermark_ms)
    names = harness.topics.names
    wait_until(lambda: harness.topics.lag(names.events) == 0, seconds=30, what="the group has no lag")
    for worker in harness.workers:
        wait_until(partial(_has_no_lag, worker, names.events), seconds=30, what="the metric has no lag")
    wait_until(lambda: all_final(harness.topics), seconds=90, what="all findings are final")
    for topic in (names.events, names.typo_hits, names.typo_domains):
        assert harness.topics.without_position(topic) == [], f"positions of {topic} aren't committed"
    expects = Expectation(rules=(OracleRule("sender", "sender", "mails", window_ms, LEVELS, "certain"),))
    figures: Figures = dict(verify(harness.topics, [], expects=expects))
    harness.stop_workers()
    return figures | {"lag": harness.topics.lag(names.events)}


def _window_ms(watermark_ms: int) -> int:
    """The length of a window that ends soon, but not before the mail is sent."""
    return next(
        length_ms
        for length_ms in range(60_000, 3_600_000, 1_000)
        if 15_000 <= length_ms - (watermark_ms - MONDAY_MS) % length_ms <= 20_000
    )


def _delete_all(harness: Harness, partition: int) -> None:
    topic, brokers = harness.topics.names.events, harness.settings.brokers
    producer = Producer({"bootstrap.servers": brokers})
    for _ in range(10):
        producer.produce(topic, b"{}", partition=partition)
    assert producer.flush(30) == 0
    admin = AdminClient({"bootstrap.servers": brokers})
    admin.delete_records([TopicPartition(topic, partition, 10)])[TopicPartition(topic, partition)].result(30)


def _send(harness: Harness, time_ms: int) -> None:
    """In each of the other partitions mail is committed; in half of them an aborted transaction follows."""
    partitions = sorted(set(harness.topics.ends(harness.topics.names.events)) - {EMPTY, DELETED})
    feed = Producer({"bootstrap.servers": harness.settings.brokers, "transactional.id": harness.topics.group})
    feed.init_transactions(30)
    mails = _mails(harness, time_ms)
    for end in ("commit", "abort"):
        feed.begin_transaction()
        for number in range(MAILS):
            partition = partitions[number % len(partitions)]
            if end == "commit" or partition % 2:
                feed.produce(harness.topics.names.events, next(mails), partition=partition)
        feed.flush(30)
        (feed.commit_transaction if end == "commit" else feed.abort_transaction)(30)


def _mails(harness: Harness, time_ms: int) -> Iterator[bytes]:
    number = 0
    while True:
        number += 1
        event: dict[str, Any] = {
            "id": f"e{number}",
            "message_id": f"<{number}@mod.gov.uk>",
            "time": time_ms + number,
            "sender": f"desk{harness.rng.randrange(10)}@mod.gov.uk",
            "recipients": [f"u{number}@{harness.rng.choice(list(MISTAKES))}"],
        }
        yield orjson.dumps(event)


def _has_no_lag(worker: WorkerProcess, topic: str) -> bool:
    return worker.metric(LAG, topic=topic) == 0
