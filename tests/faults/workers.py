"""Workers that are killed, stopped, added and removed."""

from __future__ import annotations

import signal
import time
from functools import partial

from tests.faults.harness import Figures, Harness
from tests.pipeline.worker import WorkerProcess, wait_until

REBALANCES = "straymail_rebalances_total"


def killed_workers(harness: Harness) -> Figures:
    """SIGKILL of a random one of three workers at random moments; each is replaced."""
    return _ended(harness, signal.SIGKILL)


def stopped_workers(harness: Harness) -> Figures:
    """SIGTERM of a random one of three workers at random moments; each is replaced."""
    return _ended(harness, signal.SIGTERM)


def restarted_in_place(harness: Harness) -> Figures:
    """SIGKILL of a random one of three workers with instance ids at random moments; each starts again at once, and has
    its partitions back before its session has ended."""
    harness.remember()
    workers = [harness.add_worker(INSTANCE_ID=f"worker-{number}") for number in range(3)]
    for worker in workers:
        worker.wait_ready()
    stream = harness.stream()
    for _ in range(harness.size.times):
        time.sleep(harness.rng.uniform(0, 2 * harness.size.seconds / harness.size.times))
        killed = harness.any_worker()
        killed.kill()
        harness.take_snapshot()
        killed.start()
    stream.join()
    return {"restarted": harness.size.times} | harness.finish()


def _ended(harness: Harness, by: signal.Signals) -> Figures:
    harness.remember()
    harness.add_workers(3)
    stream = harness.stream()
    for _ in range(harness.size.times):
        time.sleep(harness.rng.uniform(0, 2 * harness.size.seconds / harness.size.times))
        harness.end_worker(harness.any_worker(), by)
        harness.take_snapshot()
        harness.add_worker()
    stream.join()
    return {"ended": harness.size.times} | harness.finish()


def endless_rebalances(harness: Harness) -> Figures:
    """Workers are added and removed as long as the stream lasts: a rebalance every few seconds."""
    harness.remember()
    harness.add_workers(2)
    stream = harness.stream()
    changes = 0
    while stream.is_running:
        changes += 1
        if len(harness.workers) < 2 or (len(harness.workers) < 5 and harness.rng.random() < 0.5):
            harness.add_worker()
        else:
            harness.end_worker(harness.any_worker(), signal.SIGTERM)
        time.sleep(harness.rng.uniform(0.5, 4))
    stream.join()
    return {"changes": changes} | harness.finish()


def stopped_in_a_rebalance(harness: Harness) -> Figures:
    """SIGTERM of one worker during the rebalance that another one's join causes."""
    harness.add_workers(2)
    stream = harness.stream()
    for _ in range(harness.size.times):
        for worker in harness.workers:
            worker.wait_ready()
        stopped = harness.any_worker()
        seen = stopped.metric(REBALANCES)
        harness.add_worker()
        wait_until(partial(_rebalances, stopped, seen), seconds=120, what="the group rebalances")
        time.sleep(harness.rng.uniform(0, 0.2))
        harness.end_worker(stopped, signal.SIGTERM)
    harness.take_snapshot()
    stream.join()
    return {"stopped": harness.size.times} | harness.finish()


def _rebalances(worker: WorkerProcess, seen: float) -> bool:
    return worker.metric(REBALANCES) > seen
