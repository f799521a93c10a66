"""When a peer began and ended, and what it prints."""

from __future__ import annotations

import os
import time

import orjson

from bench.process import peak_mb


class Stopwatch:
    """Started by the first event; `tell` prints the figures of COUNT events as one JSON object."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.seen = 0
        self._begin = self._cpu = 0.0

    def event(self) -> bool:
        """Call for each event; whether it was the last."""
        if not self.seen:
            self.begin()
        self.seen += 1
        return self.seen == self.count

    def begin(self) -> None:
        """The first event is there."""
        self._begin, self._cpu = time.perf_counter(), time.process_time()

    def tell(self) -> None:
        """Print what it took from the first event to now."""
        told = {
            "events": self.seen,
            "seconds": time.perf_counter() - self._begin,
            "cpu_seconds": time.process_time() - self._cpu,
            "peak_memory_mb": peak_mb(os.getpid()),
        }
        os.write(1, orjson.dumps(told) + b"\n")  # Faust puts something else into the place of sys.stdout
