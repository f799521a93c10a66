"""Workers whose clocks are wrong."""

from __future__ import annotations

import json
import re
import signal
import time
from functools import partial
from typing import Any

import orjson
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from streams import clock
from streams.events.hit import Tick, encode_tick
from streams.worker.watermarks import LATENESS_MS
from tests.faults.harness import Figures, Harness
from tests.faults.stream import records_of
from tests.faults.verify import Expectation
from tests.findings.oracle import OracleRule
from tests.pipeline.mail import CORRECT, MISTAKES
from tests.pipeline.worker import WorkerProcess, wait_until

WEEK_S = 7 * 86_400
MINUTE_MS = 60_000
ALONE_S = 15.0
MAILS, LAST_MAILS = 2_000, 40
SKEW = "straymail_clock_skew_seconds"
IS_WRONG = re.compile(r"the clock of this worker is 6047\d\d s ahead of the broker's, 300 s are allowed")
RULE = {"name": "sender-typo-hits", "group_by": "sender", "window": "1m", "levels": {1: "low"}}
LIVE = {"HISTORY": "false", "FINDINGS_RULES": json.dumps([RULE]), "FINDINGS_GRACE": "0s"}
"""Windows end five minutes after their last moment."""
ORACLE_RULE = OracleRule("sender-typo-hits", "sender", "mails", MINUTE_MS, {1: "low"}, "certain")


def wrong_clock(harness: Harness) -> Figures:
    """A worker a week ahead is alone for a while, in hit topics with watermark messages of an older version that are a
    week ahead, too; then it leaves: no window has ended early, and those of the last mail that it read end in time."""
    _leave_unstamped(harness, harness.topics.names.typo_domains)
    harness.add_workers(1, **LIVE)
    right = harness.workers[0]
    _send(harness, 0, MAILS, age_ms=MINUTE_MS)
    assert abs(right.metric(SKEW)) < WEEK_S / 1000
    wrong = harness.add_worker(("-m", "tests.faults.wrong_clock_worker", str(WEEK_S)), **LIVE)
    wrong.wait_ready()
    harness.end_worker(right, signal.SIGTERM)
    _send_old_version(harness)
    wait_until(partial(_speaks_for_nobody, wrong), seconds=30, what="the worker reports that its clock is wrong")
    _send(harness, MAILS, MAILS, age_ms=MINUTE_MS)
    last_ms = _send(harness, 2 * MAILS, LAST_MAILS, age_ms=LATENESS_MS - 10_000)
    time.sleep(ALONE_S)
    harness.end_worker(wrong, signal.SIGTERM)
    harness.add_workers(1, **LIVE)
    wait_until(partial(_have_ended, harness, last_ms), seconds=120, what="the windows of the last mail end")
    harness.go_on_as_history(**LIVE | {"HISTORY": "true"})
    return harness.finish(expects=Expectation(rules=[ORACLE_RULE]))


def _leave_unstamped(harness: Harness, topic: str) -> None:
    """Let a topic be as an older version has made it: records have the timestamps of their producers."""
    entry = ConfigEntry("message.timestamp.type", "CreateTime", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin = AdminClient({"bootstrap.servers": harness.settings.brokers, "log_level": 0})
    for altered in admin.incremental_alter_configs([resource]).values():
        altered.result(30)


def _send(harness: Harness, first: int, count: int, *, age_ms: int) -> int:
    """Send mail of this age, every tenth of it a slip, and return its time once it is committed."""
    time_ms = clock.now_ms() - age_ms
    events = (_mail(number, time_ms) for number in range(first, first + count))
    harness.send(records_of(events, seed=harness.seed, bad=0.0), count=count, seconds=1).join()
    harness.wait_committed()
    return time_ms


def _mail(number: int, time_ms: int) -> dict[str, Any]:
    names = CORRECT if number % 10 else list(MISTAKES)
    return {
        "id": f"e{number}",
        "message_id": f"<{number}@mod.gov.uk>",
        "time": time_ms,
        "sender": f"u{number % 300}@mod.gov.uk",
        "recipients": [f"r{number}@{names[number // 10 % len(names)]}"],
    }


def _send_old_version(harness: Harness) -> None:
    """Send what a worker of an older version would have sent by such a clock."""
    topics = harness.topics
    sources = topics.ends(topics.names.events)
    marks = {str(partition): clock.now_ms() + WEEK_S * 1000 for partition in sources}
    for topic in (topics.names.typo_hits, topics.names.typo_domains):
        topics.send_to_each_partition(topic, encode_tick(Tick(marks, len(marks))))


def _speaks_for_nobody(worker: WorkerProcess) -> bool:
    return worker.metric(SKEW) > WEEK_S - 60 and IS_WRONG.search(worker.log) is not None


def _have_ended(harness: Harness, last_ms: int) -> bool:
    """Whether every window with mail up to then has ended. AssertionError where one ended before its time."""
    states: dict[str, tuple[int, str]] = {}
    for record in harness.topics.read(harness.topics.names.alerts):
        alert = orjson.loads(record.value or b"")
        state = alert["unmapped"]["straymail"]["window_state"]
        states[alert["finding_info"]["uid"]] = alert["start_time"], state
        early_ms = alert["end_time"] + LATENESS_MS - record.timestamp_ms
        assert state != "final" or early_ms <= 0, f"a window ended {early_ms / 1000} s early"
    ended = [state for start_ms, state in states.values() if start_ms <= last_ms]
    return any(start_ms >= last_ms - MINUTE_MS for start_ms, _ in states.values()) and set(ended) == {"final"}
