"""A worker whose clock is some seconds ahead: `python -m tests.faults.wrong_clock_worker SECONDS`.

Python's clock is shifted before anything is imported that reads it. Kafka's client keeps its own, so that the broker
takes the worker's records whatever timestamps it accepts.
"""

from __future__ import annotations

import sys
import time

ahead_s = int(sys.argv.pop())
right_time, right_time_ns = time.time, time.time_ns
time.time = lambda: right_time() + ahead_s
time.time_ns = lambda: right_time_ns() + ahead_s * 1_000_000_000

from streams.cli.worker import worker  # noqa: E402

if __name__ == "__main__":
    worker(args=[])
