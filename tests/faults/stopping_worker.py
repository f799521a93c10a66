"""A worker that stops itself (SIGSTOP) once a file exists: `python -m tests.faults.stopping_worker FILE`.

It stops between the state of a finding and the alert that depends on it, after the broker has acknowledged everything
sent before, and first deletes the file. Otherwise it is a normal worker.
"""

from __future__ import annotations

import os
import signal
import sys
from contextvars import ContextVar
from pathlib import Path

from streams.cli.worker import worker
from streams.kafka.clients.async_producer import PendingAcks
from streams.worker.count_step import CountStep, Round

cue = Path(sys.argv.pop())
publish, wait = CountStep._publish, PendingAcks.wait
has_alerts: ContextVar[bool] = ContextVar("has_alerts", default=False)


async def marked_publish(self: CountStep, current: Round, generation: int) -> bool:
    """Publish, and mark for the waits inside whether alerts follow the state."""
    has_alerts.set(any(outcome.records and outcome.alerts for _, outcome in current))
    return await publish(self, current, generation)


async def stopping_wait(self: PendingAcks) -> None:
    """Wait, and stop after the first wait of a publication, which is for its state."""
    await wait(self)
    if has_alerts.get():
        stop_on_cue(self)
    has_alerts.set(False)


def stop_on_cue(pending: PendingAcks) -> None:
    """Stop this process where the file exists."""
    if cue.exists():
        cue.unlink()
        pending._producer._producer.flush(10)
        os.kill(os.getpid(), signal.SIGSTOP)


CountStep._publish = marked_publish  # type: ignore[method-assign]
PendingAcks.wait = stopping_wait  # type: ignore[method-assign]

if __name__ == "__main__":
    worker(args=[])
