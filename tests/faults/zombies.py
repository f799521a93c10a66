"""Workers that the group has declared dead, and that resume."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.faults.harness import Figures, Harness
from tests.pipeline.worker import WorkerProcess, wait_until

SESSION_S = 15.0
STOPS_ITSELF = ("-m", "tests.faults.stopping_worker")


def zombies(harness: Harness) -> Figures:
    """SIGSTOP of one of three workers for longer than its session, then SIGCONT: it must do no harm, and resume."""
    harness.remember()
    harness.add_workers(3)
    stream = harness.stream()
    times = max(1, harness.size.times // 5)
    for _ in range(times):
        zombie = harness.any_worker()
        time.sleep(harness.rng.uniform(0, 3))
        zombie.send_signal(signal.SIGSTOP)
        time.sleep(SESSION_S + harness.rng.uniform(2, 8))
        zombie.send_signal(signal.SIGCONT)
        harness.take_snapshot()
        zombie.wait_ready()
    stream.join()
    return {"paused": times} | harness.finish()


def half_published(harness: Harness) -> Figures:
    """A worker is paused between a state record and the alert that depends on it, until another worker has ended
    every window; what it publishes on resuming must not be older than what is there."""
    zombie = harness.add_worker((*STOPS_ITSELF, str(harness.cue)))
    zombie.wait_ready()
    stream = harness.stream()
    time.sleep(harness.size.seconds / 3)
    harness.cue.touch()
    wait_until(lambda: _is_stopped(zombie), seconds=60, what="the worker has stopped itself")
    harness.add_workers(1)
    stream.join()
    harness.end_windows()
    seen = zombie.log.count("state restored")
    zombie.send_signal(signal.SIGCONT)
    wait_until(lambda: zombie.log.count("state restored") > seen, seconds=60, what="the worker has joined again")
    return harness.finish()


def _is_stopped(worker: WorkerProcess) -> bool:
    """Whether Linux shows the process as stopped (SIGSTOP)."""
    return Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
