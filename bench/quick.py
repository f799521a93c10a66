"""A guard for CI: does an event cost the worker more CPU, beside a loop by hand, than it used to? `make bench-quick`

The ratio of CPU holds on a busy machine where no time of day does. The one committed is in bench/guard.json; write it
anew with --write when a change is worth its cost.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

import orjson

from bench.cluster import cluster, published
from bench.readers import run_peer, run_worker
from bench.stream import events

GUARD = Path(__file__).parent / "guard.json"
ALLOWED = 1.25


def measure(count: int, runs: int) -> float:
    """The worker's CPU per event by that of the loop with the same work: the median of the runs' ratios."""
    found = []
    with cluster() as (kafka, folder):
        stream = published(kafka, folder, events(count))
        for _ in range(runs):
            worker, hand = run_worker(stream), run_peer(stream, "hand", "same")
            found.append(worker.cpu_us_per_event / hand.cpu_us_per_event)
            print(
                f"worker {worker.cpu_us_per_event:.2f} us/event, loop by hand {hand.cpu_us_per_event:.2f}", flush=True
            )
    return statistics.median(found)


def main() -> int:
    """The exit status: 1 where it has become too dear."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="take what is measured now for what is committed")
    options = parser.parse_args()
    ratio = measure(options.events, options.runs)
    if options.write:
        GUARD.write_bytes(orjson.dumps({"cpu_ratio": round(ratio, 2)}) + b"\n")
    committed = orjson.loads(GUARD.read_bytes())["cpu_ratio"]
    worst = committed * ALLOWED
    print(f"an event costs the worker {ratio:.2f} times the loop's CPU; {committed} is committed, {worst:.2f} allowed")
    return int(ratio > worst)


if __name__ == "__main__":
    sys.exit(main())
