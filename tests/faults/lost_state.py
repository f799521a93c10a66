"""State topics that lose records."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from streams.kafka.topics.names import state_topic_of
from tests.faults.harness import Figures, Harness
from tests.pipeline.worker import wait_until

NOTICED = "so findings may be wrong"
DAMAGED = "straymail_state_damaged"


def lost_state(harness: Harness) -> Figures:
    """Three quarters of the state's records are deleted, then all, and windows end without them: it is noticed, and
    after the runbook's remedy every finding is exact, with a higher sequence than what was wrong."""
    harness.add_workers(1)
    harness.stream().join()
    harness.wait_committed()
    figures: Figures = {}
    for name, share in (("deleted", 0.75), ("then deleted", 1.0)):
        harness.stop_workers()
        figures[name] = _delete(harness, share)
        harness.add_workers(1)
        harness.end_windows()
        with _check(harness) as check:
            assert any(NOTICED in worker.log for worker in harness.workers)
            wait_until(partial(_damaged, harness), seconds=30, what="the metric shows it")
            assert _reports(check), "`straymail check` reports nothing"
        harness.stop_workers()
        harness.topics.read_again(*state_topic_of(harness.settings))
        harness.add_workers(1)
        harness.wait_committed()
    with _check(harness) as check:
        figures |= harness.finish()
        assert not _reports(check)
    return figures


def _damaged(harness: Harness) -> bool:
    topics = state_topic_of(harness.settings)
    return any(worker.metric(DAMAGED, topic=topic) > 0 for worker in harness.workers for topic in topics)


def _delete(harness: Harness, share: float) -> int:
    """Delete the first records of each partition of the state topics; returns how many."""
    admin, before = _admin(harness), []
    for topic in state_topic_of(harness.settings).values():
        _set_policy(admin, topic, "compact,delete")  # Kafka deletes no records of a topic that is only compacted
        for partition, end in harness.topics.ends(topic).items():
            before.append(TopicPartition(topic, partition, int(end * share)))
    wait_until(partial(_are_deleted, admin, before), seconds=30, what="records may be deleted")
    for topic in state_topic_of(harness.settings).values():
        _set_policy(admin, topic, "compact")
    return sum(at.offset for at in before)


def _are_deleted(admin: AdminClient, before: list[TopicPartition]) -> bool:
    """Delete records; False where a broker doesn't know the new policy yet, which it gets some time after it is set."""
    for future in admin.delete_records(before).values():
        try:
            future.result(60)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.POLICY_VIOLATION:
                raise
            return False
    return True


def _set_policy(admin: AdminClient, topic: str, policy: str) -> None:
    entry = ConfigEntry("cleanup.policy", policy, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(60)


def _check(harness: Harness) -> subprocess.Popen[str]:
    """`straymail check`, running."""
    settings = {
        "STRAYMAIL_BROKERS": harness.settings.brokers,
        "STRAYMAIL_TOPIC_PREFIX": harness.settings.topic_prefix,
        "STRAYMAIL_WATCHLIST": str(harness.watchlist),
    }
    command = [sys.executable, "-m", "streams", "check", "--json"]
    return subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.PIPE, text=True)


def _reports(check: subprocess.Popen[str]) -> bool:
    """Whether it warns of the state topics."""
    output, _ = check.communicate(timeout=60)
    assert check.returncode == 0
    lines = [json.loads(line) for line in output.splitlines()]
    assert any(line["what"] == "no problem found" for line in lines)
    return any(line["level"] == "warning" and line["subject"].endswith("-state") for line in lines)


def _admin(harness: Harness) -> AdminClient:
    return AdminClient({"bootstrap.servers": harness.settings.brokers, "log_level": 0})
