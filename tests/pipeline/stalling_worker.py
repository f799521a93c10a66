"""A worker whose fetches return only once a file is deleted: `python -m tests.pipeline.stalling_worker FILE`.

Fetched records are then delivered late, during a rebalance or after it. Otherwise it is a normal worker.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from streams.cli.worker import worker
from streams.kafka.dataplane.fetcher import Fetched, Fetcher, OffsetGap

PARTITIONS_KEPT = 4
"""A second worker gets half of the 8 partitions of a topic: records of more than this many include stale ones."""

stall = Path(sys.argv.pop())
fetch = Fetcher.fetch


def stalled_fetch(self: Fetcher, timeout: float) -> tuple[list[Fetched], list[OffsetGap]]:
    """Fetch, and where that returned records of most partitions of a topic, wait as long as the file exists."""
    found = fetch(self, timeout)
    partitions = Counter(fetched.partition.topic for fetched in found[0] if fetched.records)
    while max(partitions.values(), default=0) > PARTITIONS_KEPT and stall.exists():
        time.sleep(0.05)
    return found


Fetcher.fetch = stalled_fetch  # type: ignore[method-assign]

if __name__ == "__main__":
    worker(args=[])
