"""Topics that are taken away, or are not as they should be."""

from __future__ import annotations

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.faults.ground import Figures, Ground
from tests.pipeline.worker import wait_until


def deleted_topic(ground: Ground) -> Figures:
    """A topic that the workers write to, then the one that they read, is deleted: they end with a reason and never
    continue silently."""
    figures: Figures = {"events": ground.size.records}
    for topic in (ground.topics.names.alerts, ground.topics.names.events):
        worker = ground.add_worker()
        worker.wait_ready()
        _delete(ground, topic)
        stream = ground.stream() if topic == ground.topics.names.alerts else None
        status = worker.wait(180)
        ground.workers.remove(worker)
        assert status == 1, f"status {status}:\n{worker.log[-4000:]}"
        assert topic in worker.log
        figures[f"{topic.rpartition('mail.')[2]} deleted, exit code"] = status
        if stream is not None:
            stream.join()
        refused = ground.add_worker()
        assert refused.wait(60) == 1
        assert f"there is no topic {topic}" in refused.log or "run `straymail topics create`" in refused.log
        ground.workers.remove(refused)
        ground.make_topics()
    return figures


def too_few_partitions(ground: Ground) -> Figures:
    """A state topic has fewer partitions than its hit topic: the worker refuses to start, and reports why.
    mail.events has one partition for two workers: one is idle but ready, and nothing else differs."""
    names = ground.topics.names
    _make_anew(ground, names.typo_hits_state, 2)
    refused = ground.add_worker()
    assert refused.wait(60) == 1, refused.log[-4000:]
    assert f"{names.typo_hits_state}: it has 2 partitions, and {names.typo_hits} has 8" in refused.log
    ground.workers.remove(refused)
    _delete(ground, names.typo_hits_state)
    _make_anew(ground, names.events, 1)
    ground.make_topics()
    ground.add_workers(2)
    ground.stream().join()
    return ground.finish(may_repeat=False)


def _make_anew(ground: Ground, topic: str, partitions: int) -> None:
    _delete(ground, topic)
    admin = AdminClient({"bootstrap.servers": ground.settings.brokers, "log_level": 0})
    admin.create_topics([NewTopic(topic, partitions)])[topic].result(60)


def _delete(ground: Ground, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": ground.settings.brokers, "log_level": 0})
    admin.delete_topics([topic])[topic].result(60)
    wait_until(lambda: topic not in admin.list_topics(timeout=10).topics, seconds=60, what=f"{topic} is gone")
