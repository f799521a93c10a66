"""A worker that is stopped before it has begun."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.pipeline.worker import WorkerProcess, wait_until


def handles_signals(worker: WorkerProcess) -> bool:
    """Whether Linux shows the process as one that catches SIGTERM, for which it installs a handler last."""
    lines = Path(f"/proc/{worker.pid}/status").read_text().splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:"))
    return bool(caught & 1 << (signal.SIGTERM - 1))


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.3, 1.0])
def test_a_worker_that_has_not_begun_ends_with_exit_code_0(number: signal.Signals, seconds: float) -> None:
    """While its modules are imported, and while it waits for a Kafka that is away."""
    with WorkerProcess({"BROKERS": "127.0.0.1:1"}) as worker:
        wait_until(lambda: handles_signals(worker), seconds=30, what="the worker handles the signal")
        time.sleep(seconds)
        assert worker.stop(number) == 0
        assert "Traceback" not in worker.log
