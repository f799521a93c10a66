"""A producer that can't get rid of its records, for a while or for good."""

from __future__ import annotations

from itertools import islice

from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from tests.faults.ground import Figures, Ground
from tests.faults.narrow_worker import FULL
from tests.faults.stream import made
from tests.pipeline.mail import mail_events
from tests.pipeline.worker import wait_until

NARROW = ("-m", "tests.faults.narrow_worker")
LIMIT = "max.message.bytes"


def full_queue(ground: Ground) -> Figures:
    """The workers' producer queue holds only 20 records, so it is full again and again: they wait, and go on."""
    for worker in [ground.add_worker(NARROW) for _ in range(2)]:
        worker.wait_ready()
    ground.stream().join()
    times = sum(worker.log.count(FULL) for worker in ground.workers)
    assert times > 0, "the queue was never full"
    return {"times full": times} | ground.finish()


def refused_deliveries(ground: Ground) -> Figures:
    """First a hit topic, then a state topic, then the alerts topic refuses records: the worker ends with the
    topic's name in its message, and commits nothing that depends on them."""
    names = ground.topics.names
    refusing = (names.typo_domains, names.typo_hits_state, names.alerts)
    events = made(mail_events(ground.size.records, seed=ground.seed), seed=ground.seed, bad=0.01)
    count, seconds = ground.size.records // (1 + len(refusing)), ground.size.seconds / (1 + len(refusing))
    for topic in refusing:
        worker = ground.add_worker()
        worker.wait_ready()
        _limit(ground, topic, 80)
        stream = ground.send(islice(events, count), count=count, seconds=seconds)
        status = worker.wait(120)
        assert status == 1, f"status {status}:\n{worker.log[-4000:]}"
        assert f"the broker refused a record for topic {topic}" in worker.log
        ground.workers.remove(worker)
        ground.look()
        stream.join()
        _limit(ground, topic, 1_048_588)
    ground.add_workers(2)
    ground.send(events, count=count, seconds=seconds).join()
    return {"refused": len(refusing)} | ground.finish()


def _limit(ground: Ground, topic: str, most: int) -> None:
    """Make a topic refuse records of more bytes than that."""
    admin = AdminClient({"bootstrap.servers": ground.settings.brokers, "log_level": 0})
    entry = ConfigEntry(LIMIT, str(most), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(30)

    def holds() -> bool:
        asked = ConfigResource(ResourceType.TOPIC, topic)
        return bool(admin.describe_configs([asked])[asked].result(30)[LIMIT].value == str(most))

    wait_until(holds, seconds=30, what=f"{topic} has its limit")
