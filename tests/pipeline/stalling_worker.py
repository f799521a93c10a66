"""A worker whose fetches come back only when a file is gone: `python -m tests.pipeline.stalling_worker FILE`.

What was fetched is then delivered late, in the middle of a rebalance or after it; everything else is the worker's own.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from streams.cli.worker import worker
from streams.kafka.dataplane.fetcher import Fetched, Fetcher, Hole

MORE_THAN_ARE_LEFT = 4
"""Of the 8 partitions of a topic a second worker takes half: of more than that, some come too late."""

stall = Path(sys.argv.pop())
fetch = Fetcher.fetch


def stalled_fetch(self: Fetcher, timeout: float) -> tuple[list[Fetched], list[Hole]]:
    """The fetch, and when it brought something of most of a topic a wait for as long as the file is there."""
    found = fetch(self, timeout)
    partitions = Counter(batch.partition.topic for batch in found[0])
    while max(partitions.values(), default=0) > MORE_THAN_ARE_LEFT and stall.exists():
        time.sleep(0.05)
    return found


Fetcher.fetch = stalled_fetch  # type: ignore[method-assign]

if __name__ == "__main__":
    worker(args=[])
