"""A producer that can't deliver its records, temporarily or permanently."""

from __future__ import annotations

from itertools import islice

from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from tests.faults.harness import Figures, Harness
from tests.faults.small_queue_worker import FULL
from tests.faults.stream import records_of
from tests.pipeline.mail import mail_events
from tests.pipeline.worker import wait_until

SMALL_QUEUE = ("-m", "tests.faults.small_queue_worker")
LIMIT = "max.message.bytes"


def full_queue(harness: Harness) -> Figures:
    """The workers' producer queue holds only 20 records, so it is full again and again: they wait, and go on."""
    for worker in [harness.add_worker(SMALL_QUEUE) for _ in range(2)]:
        worker.wait_ready()
    harness.stream().join()
    times = sum(worker.log.count(FULL) for worker in harness.workers)
    assert times > 0, "the queue was never full"
    return {"times full": times} | harness.finish()


def refused_deliveries(harness: Harness) -> Figures:
    """First a hit topic, then a state topic, then the alerts topic refuses records: the worker ends with the
    topic's name in its message, and commits nothing that depends on them."""
    names = harness.topics.names
    refusing = (names.typo_domains, names.typo_hits_state, names.alerts)
    events = records_of(mail_events(harness.size.records, seed=harness.seed), seed=harness.seed, bad=0.01)
    count, seconds = harness.size.records // (1 + len(refusing)), harness.size.seconds / (1 + len(refusing))
    for topic in refusing:
        worker = harness.add_worker()
        worker.wait_ready()
        _limit(harness, topic, 80)
        stream = harness.send(islice(events, count), count=count, seconds=seconds)
        status = worker.wait(120)
        assert status == 1, f"exit code {status}:\n{worker.log[-4000:]}"
        assert f"the broker refused a record for topic {topic}" in worker.log
        harness.workers.remove(worker)
        harness.take_snapshot()
        stream.join()
        _limit(harness, topic, 1_048_588)
    harness.add_workers(2)
    harness.send(events, count=count, seconds=seconds).join()
    return {"refused": len(refusing)} | harness.finish()


def _limit(harness: Harness, topic: str, max_bytes: int) -> None:
    """Make a topic refuse records of more than `max_bytes`."""
    admin = AdminClient({"bootstrap.servers": harness.settings.brokers, "log_level": 0})
    entry = ConfigEntry(LIMIT, str(max_bytes), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(30)

    def is_set() -> bool:
        resource = ConfigResource(ResourceType.TOPIC, topic)
        return bool(admin.describe_configs([resource])[resource].result(30)[LIMIT].value == str(max_bytes))

    wait_until(is_set, seconds=30, what=f"{topic} has its limit")
