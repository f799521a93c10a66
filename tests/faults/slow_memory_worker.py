"""A worker that restores the memory as long as a file is there: `python -m tests.faults.slow_memory_worker FILE`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from streams.cli.worker import worker
from streams.kafka.clients.table import TableChunk, read_table
from streams.worker import pipeline


def read_slowly(cue: Path, *args: Any) -> Iterator[TableChunk]:
    """The chunks of the topic, after empty ones as long as the file is there."""
    while cue.exists():
        time.sleep(0.1)
        yield TableChunk([], at_end=False)
    yield from read_table(*args)


if __name__ == "__main__":
    pipeline.read_table = partial(read_slowly, Path(sys.argv[1]))  # type: ignore[attr-defined]
    worker(args=[])
