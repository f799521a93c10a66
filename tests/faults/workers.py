"""Workers that end, stand still, come and go."""

from __future__ import annotations

import signal
import time
from functools import partial

from tests.faults.ground import Figures, Ground
from tests.pipeline.worker import WorkerProcess, wait_until

REBALANCES = "straymail_rebalances_total"


def killed_workers(ground: Ground) -> Figures:
    """SIGKILL of a random one of three workers at random moments; each is replaced."""
    return _ended(ground, signal.SIGKILL)


def stopped_workers(ground: Ground) -> Figures:
    """SIGTERM of a random one of three workers at random moments; each is replaced."""
    return _ended(ground, signal.SIGTERM)


def _ended(ground: Ground, by: signal.Signals) -> Figures:
    ground.add_workers(3)
    stream = ground.stream()
    for _ in range(ground.size.times):
        time.sleep(ground.rng.uniform(0, 2 * ground.size.seconds / ground.size.times))
        ground.end_worker(ground.any_worker(), by)
        ground.look()
        ground.add_worker()
    stream.join()
    return {"ended": ground.size.times} | ground.finish()


def endless_rebalances(ground: Ground) -> Figures:
    """Workers are added and removed as long as the stream lasts: a rebalance every few seconds."""
    ground.add_workers(2)
    stream = ground.stream()
    changes = 0
    while stream.is_running:
        changes += 1
        if len(ground.workers) < 2 or (len(ground.workers) < 5 and ground.rng.random() < 0.5):
            ground.add_worker()
        else:
            ground.end_worker(ground.any_worker(), signal.SIGTERM)
        time.sleep(ground.rng.uniform(0.5, 4))
    stream.join()
    return {"changes": changes} | ground.finish()


def stopped_in_a_rebalance(ground: Ground) -> Figures:
    """SIGTERM of one worker during the rebalance that another one's join causes."""
    ground.add_workers(2)
    stream = ground.stream()
    for _ in range(ground.size.times):
        for worker in ground.workers:
            worker.wait_ready()
        leaves = ground.any_worker()
        seen = leaves.metric(REBALANCES)
        ground.add_worker()
        wait_until(partial(_rebalances, leaves, seen), seconds=120, what="the group rebalances")
        time.sleep(ground.rng.uniform(0, 0.2))
        ground.end_worker(leaves, signal.SIGTERM)
    ground.look()
    stream.join()
    return {"stopped": ground.size.times} | ground.finish()


def _rebalances(worker: WorkerProcess, seen: float) -> bool:
    return worker.metric(REBALANCES) > seen
