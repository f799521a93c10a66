"""What a peer prints of its own time: its figures, or that it has begun."""

from __future__ import annotations

import os
import time

import orjson

from bench.process import peak_mb


class Stopwatch:
    """Measures from `begin` on; `report` prints the figures of the `seen` of `count` events as one JSON object."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.seen = 0
        self._begin = self._cpu = 0.0

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
        os.write(1, orjson.dumps(figures) + b"\n")


class FirstEvent:
    """Prints the CPU time that a peer had used before its first event."""

    def __init__(self) -> None:
        self._seen = False

    def event(self) -> None:
        """To be called for each event."""
        if not self._seen:
            self._seen = True
            os.write(1, orjson.dumps({"cpu_seconds": time.process_time()}) + b"\n")  # Faust replaces sys.stdout
