"""Mail events that are read again."""

from __future__ import annotations

from tests.faults.harness import Figures, Harness


def read_again(harness: Harness) -> Figures:
    """All windows have ended, the group is reset, and it reads all mail events and all hits again: nothing is news."""
    harness.add_workers(2)
    harness.stream().join()
    harness.end_windows()
    names, topics = harness.topics.names, harness.topics
    published = {record.value for record in topics.read(names.alerts)}
    harness.stop_workers()
    topics.read_again(names.events, names.typo_hits, names.typo_domains)
    harness.add_workers(2)
    harness.wait_committed()
    repeated = sum(worker.metric("straymail_repeated_hits_total") for worker in harness.workers)
    figures = harness.finish()
    news = [record for record in topics.read(names.alerts) if record.value not in published]
    assert not news, f"{len(news)} alerts of what had been counted and dropped, such as {news[0].value!r}"
    assert repeated > 0
    return {"repeated": int(repeated)} | figures
