"""Partitions that are added to mail.events while mail flows."""

from __future__ import annotations

import time

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions

from tests.faults.harness import Figures, Harness
from tests.pipeline.worker import wait_until

FOUND_SECONDS = 30.0
LATE_HITS = "straymail_late_hits_total"


def added_partitions(harness: Harness) -> Figures:
    """Four partitions are added to mail.events while mail flows: they are read within half a minute, and no window ends
    before their mail is counted."""
    topic = harness.topics.names.events
    harness.add_workers(3)
    stream = harness.stream()
    time.sleep(harness.size.seconds / 3)
    before = len(harness.topics.ends(topic))
    admin = AdminClient({"bootstrap.servers": harness.settings.brokers})
    admin.create_partitions([NewPartitions(topic, before + 4)])[topic].result(30)
    added = time.monotonic()
    wait_until(
        lambda: not harness.topics.without_position(topic), seconds=FOUND_SECONDS, what="all partitions are read"
    )
    seconds = time.monotonic() - added
    stream.join()
    ends = harness.topics.ends(topic)
    assert all(ends[partition] > 0 for partition in range(before, before + 4)), ends
    harness.end_windows()
    late = sum(worker.metric(LATE_HITS) for worker in harness.workers)
    assert late == 0, f"{late:g} hits came after the state of their window was dropped"
    assert any("up from" in worker.log for worker in harness.workers), "no worker logs the added partitions"
    figures = harness.finish()
    return {"seconds until read": round(seconds, 1)} | figures
