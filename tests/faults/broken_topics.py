"""Topics that are deleted or misconfigured."""

from __future__ import annotations

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.faults.harness import Figures, Harness
from tests.pipeline.worker import wait_until


def deleted_topic(harness: Harness) -> Figures:
    """A topic that the workers write to, then the one that they read, is deleted: they end with a reason and never
    continue silently."""
    figures: Figures = {"events": harness.size.records}
    for topic in (harness.topics.names.alerts, harness.topics.names.events):
        worker = harness.add_worker()
        worker.wait_ready()
        _delete(harness, topic)
        stream = harness.stream() if topic == harness.topics.names.alerts else None
        status = worker.wait(180)
        harness.workers.remove(worker)
        assert status == 1, f"exit code {status}:\n{worker.log[-4000:]}"
        assert topic in worker.log
        figures[f"{topic.rpartition('mail.')[2]} deleted, exit code"] = status
        if stream is not None:
            stream.join()
        refused = harness.add_worker()
        assert refused.wait(60) == 1
        assert f"there is no topic {topic}" in refused.log or "run `straymail topics create`" in refused.log
        harness.workers.remove(refused)
        harness.make_topics()
    return figures


def too_few_partitions(harness: Harness) -> Figures:
    """A state topic has fewer partitions than its hit topic: the worker refuses to start, and reports why.
    mail.events has one partition for two workers: one is idle but ready, and nothing else differs."""
    names = harness.topics.names
    _recreate(harness, names.typo_hits_state, 2)
    refused = harness.add_worker()
    assert refused.wait(60) == 1, refused.log[-4000:]
    assert f"{names.typo_hits_state}: it has 2 partitions, and {names.typo_hits} has 8" in refused.log
    harness.workers.remove(refused)
    _delete(harness, names.typo_hits_state)
    _recreate(harness, names.events, 1)
    harness.make_topics()
    harness.add_workers(2)
    harness.stream().join()
    return harness.finish(may_repeat=False)


def _recreate(harness: Harness, topic: str, partitions: int) -> None:
    _delete(harness, topic)
    admin = AdminClient({"bootstrap.servers": harness.settings.brokers, "log_level": 0})
    admin.create_topics([NewTopic(topic, partitions)])[topic].result(60)


def _delete(harness: Harness, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": harness.settings.brokers, "log_level": 0})
    admin.delete_topics([topic])[topic].result(60)
    wait_until(lambda: topic not in admin.list_topics(timeout=10).topics, seconds=60, what=f"{topic} is deleted")
