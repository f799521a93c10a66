"""Brokers that fail and return, while a pipeline waits for them."""

from __future__ import annotations

import time
from functools import partial
from itertools import islice

from tests.broker.apache import ApacheKafka
from tests.broker.cluster import ApacheCluster
from tests.faults.harness import Figures, Harness
from tests.pipeline.worker import wait_until


def _reasons(harness: Harness) -> list[str]:
    """What the workers said of an end."""
    return [line for worker in harness.workers for line in worker.log.splitlines() if "ending" in line]


def broker_away(harness: Harness, kafka: ApacheKafka) -> Figures:
    """The only broker is down for a minute: workers wait, log it, are live but not ready, and resume; one that is
    started meanwhile does too."""
    harness.add_workers(2)
    stream = harness.stream()
    time.sleep(harness.size.seconds / 3)
    kafka.kill()
    away = time.monotonic() + min(60.0, 4 * harness.size.seconds)
    wait_until(lambda: _ready(harness) == [503, 503], seconds=60, what="the workers report that they aren't ready")
    late = harness.add_worker()
    wait_until(
        lambda: _ready(harness) == [503, 503, 503], seconds=60, what="the new worker reports that it isn't ready"
    )
    assert [worker.get("/health/live")[0] for worker in harness.workers] == [200, 200, 200]
    while time.monotonic() < away:
        assert all(worker.running for worker in harness.workers), _reasons(harness)
        time.sleep(0.5)
    kafka.start()
    wait_until(lambda: _ready(harness) == [200, 200, 200], seconds=180, what="the workers are ready again")
    for worker in harness.workers:
        assert ("waiting for Kafka" if worker is late else "no broker can be reached") in worker.log
    stream.join()
    return harness.finish()


def restarted_broker(harness: Harness, kafka: ApacheKafka) -> Figures:
    """The only broker restarts again and again, and lists no broker in its first answers, at which a client of
    librdkafka may forget all addresses: the workers go on each time."""
    harness.remember()
    harness.add_workers(2)
    restarts = max(3, harness.size.times // 2)
    records, each = harness.records(), harness.size.records // restarts
    for _ in range(restarts):
        kafka.stop()
        kafka.start()
        harness.topics.reconnect()
        harness.send(islice(records, each), count=each, seconds=harness.rng.uniform(0, 5)).join()
        harness.wait_committed()
        harness.take_snapshot()
    replaced = sum(worker.log.count("a Kafka client has lost") for worker in harness.workers)
    return {"restarts": restarts, "clients replaced": replaced} | harness.finish()


def brokers_in_turn(harness: Harness, cluster: ApacheCluster) -> Figures:
    """Each of three brokers is killed and brought back, so that the leaders of each topic move; then all three are
    restarted at once."""
    harness.add_workers(2)
    stream = harness.stream()
    moved: set[tuple[str, int]] = set()
    for broker in cluster.brokers:
        moved |= {partition for partition, leader in harness.topics.leaders().items() if leader == broker.node_id}
        broker.kill()
        wait_until(partial(_leads_nothing, harness, broker), seconds=90, what="others lead what it led")
        time.sleep(harness.size.seconds / 6)
        broker.start()
        harness.take_snapshot()
    for broker in cluster.brokers:
        broker.kill()
    for broker in cluster.brokers:
        broker.launch()
    for broker in cluster.brokers:
        broker.wait_until_ready()
    wait_until(lambda: _ready(harness) == [200, 200], seconds=180, what="the workers are ready again")
    stream.join()
    assert {topic for topic, _ in moved} >= set(harness.topics.names.of_workers), "not every topic lost a leader"
    return {"brokers killed": 6, "leaders moved": len(moved)} | harness.finish()


def _leads_nothing(harness: Harness, broker: ApacheKafka) -> bool:
    return not {-1, broker.node_id} & set(harness.topics.leaders().values())


def _ready(harness: Harness) -> list[int]:
    return [worker.get("/health/ready")[0] for worker in harness.workers]
