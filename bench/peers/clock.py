"""The stopwatch of a peer, which prints its figures."""

from __future__ import annotations

import os
import time

import orjson

from bench.process import peak_mb


class Stopwatch:
    """Measures from the first event on; `report` prints the figures of `count` events as one JSON object."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.seen = 0
        self._begin = self._cpu = 0.0

    def event(self) -> bool:
        """Count an event; to be called for each. Returns whether it was the last."""
        if not self.seen:
            self.begin()
        self.seen += 1
        return self.seen == self.count

    def begin(self) -> None:
        """Start the measurement."""
        self._begin, self._cpu = time.perf_counter(), time.process_time()

    def report(self) -> None:
        """Print the time, the CPU time and the memory from the first event until now."""
        figures = {
            "events": self.seen,
            "seconds": time.perf_counter() - self._begin,
            "cpu_seconds": time.process_time() - self._cpu,
            "peak_memory_mb": peak_mb(os.getpid()),
        }
        os.write(1, orjson.dumps(figures) + b"\n")  # not sys.stdout, which Faust replaces
