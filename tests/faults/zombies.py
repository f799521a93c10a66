"""Workers that others took for dead."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.faults.ground import Figures, Ground
from tests.pipeline.worker import WorkerProcess, wait_until

SESSION_S = 15.0
STOPS_ITSELF = ("-m", "tests.faults.stopping_worker")


def zombies(ground: Ground) -> Figures:
    """SIGSTOP of one of three workers for longer than its session, then SIGCONT: it must do no harm, and resume."""
    ground.add_workers(3)
    stream = ground.stream()
    times = max(1, ground.size.times // 5)
    for _ in range(times):
        zombie = ground.any_worker()
        time.sleep(ground.rng.uniform(0, 3))
        zombie.send_signal(signal.SIGSTOP)
        time.sleep(SESSION_S + ground.rng.uniform(2, 8))
        zombie.send_signal(signal.SIGCONT)
        ground.look()
        zombie.wait_ready()
    stream.join()
    return {"paused": times} | ground.finish()


def half_published(ground: Ground) -> Figures:
    """A worker is paused between a state record and the alert that depends on it, until another worker has ended
    every window; what it publishes on resuming must not be older than what is there."""
    zombie = ground.add_worker((*STOPS_ITSELF, str(ground.cue)))
    zombie.wait_ready()
    stream = ground.stream()
    time.sleep(ground.size.seconds / 3)
    ground.cue.touch()
    wait_until(lambda: _stands_still(zombie), seconds=60, what="the worker stands still")
    ground.add_workers(1)
    stream.join()
    ground.end_windows()
    seen = zombie.log.count("state restored")
    zombie.send_signal(signal.SIGCONT)
    wait_until(lambda: zombie.log.count("state restored") > seen, seconds=60, what="the worker has joined again")
    return ground.finish()


def _stands_still(worker: WorkerProcess) -> bool:
    """Whether Linux has it as stopped."""
    return Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
