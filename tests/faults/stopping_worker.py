"""A worker that stops itself (SIGSTOP) when a file is there: `python -m tests.faults.stopping_worker FILE`.

It stops between the state of a finding and the alert that rests on it, when the broker has all that was sent until
then; the file is taken away before. Everything else is the worker's own.
"""

from __future__ import annotations

import os
import signal
import sys
from contextvars import ContextVar
from pathlib import Path

from streams.cli.worker import worker
from streams.findings.outcome import Outcome
from streams.kafka.clients.async_producer import PendingAcks
from streams.kafka.partition import Partition
from streams.worker.count_step import CountStep

cue = Path(sys.argv.pop())
publish, wait = CountStep._publish, PendingAcks.wait
has_alerts: ContextVar[bool] = ContextVar("has_alerts", default=False)


async def marked_publish(self: CountStep, partition: Partition, outcome: Outcome, generation: int) -> bool:
    """The publishing, and word of it to the waiting inside of it."""
    has_alerts.set(bool(outcome.records and outcome.alerts))
    return await publish(self, partition, outcome, generation)


async def stopping_wait(self: PendingAcks) -> None:
    """The waiting; the first of a publishing is for its state."""
    await wait(self)
    if has_alerts.get():
        stop_on_cue(self)
    has_alerts.set(False)


def stop_on_cue(pending: PendingAcks) -> None:
    """Stand still, where the file says so."""
    if cue.exists():
        cue.unlink()
        pending._producer._producer.flush(10)
        os.kill(os.getpid(), signal.SIGSTOP)


CountStep._publish = marked_publish  # type: ignore[method-assign]
PendingAcks.wait = stopping_wait  # type: ignore[method-assign]

if __name__ == "__main__":
    worker(args=[])
