"""A worker whose fetches come back only when a file is gone: `python -m tests.pipeline.stalling_worker FILE`.

What was fetched is then delivered late, in the middle of a rebalance or after it; everything else is the worker's own.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from streams.cli.worker import worker
from streams.kafka.bulk import BulkReader, Fetched, Hole

MORE_THAN_ARE_LEFT = 12
"""Of the 24 partitions of the topics that are read, a second worker takes half: some of what is held back is kept."""

stall = Path(sys.argv.pop())
fetch = BulkReader.fetch


def stalled_fetch(self: BulkReader, timeout: float) -> tuple[list[Fetched], list[Hole]]:
    """The fetch, and when it brought something of most partitions a wait for as long as the file is there."""
    found = fetch(self, timeout)
    while len(found[0]) > MORE_THAN_ARE_LEFT and stall.exists():
        time.sleep(0.05)
    return found


BulkReader.fetch = stalled_fetch  # type: ignore[method-assign]

if __name__ == "__main__":
    worker(args=[])
