"""A guard for CI against a growth of the worker's CPU per event, compared with a hand-written loop: `make bench-quick`.

A ratio of CPU times is reliable even on a busy machine, where elapsed time is not. The ratio to compare with is in
bench/guard.json; replace it with --write when a change is worth its cost.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

import orjson

from bench.cluster import cluster, published
from bench.readers import run_hand, run_worker
from bench.stream import events

GUARD = Path(__file__).parent / "guard.json"
ALLOWED = 1.25


def measure(count: int, runs: int) -> float:
    """The ratio of the worker's CPU per event to that of a loop with the same work: the median over the runs."""
    found = []
    with cluster() as (kafka, folder):
        stream = published(kafka, folder, events(count))
        for _ in range(runs):
            worker, hand = run_worker(stream), run_hand(stream, "same")
            found.append(worker.cpu_us_per_event / hand.cpu_us_per_event)
            print(
                f"worker {worker.cpu_us_per_event:.2f} us/event, hand-written loop {hand.cpu_us_per_event:.2f}",
                flush=True,
            )
    return statistics.median(found)


def main() -> int:
    """The exit code: 1 where an event has become too expensive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="save the measured ratio as the one to compare with")
    options = parser.parse_args()
    ratio = measure(options.events, options.runs)
    if options.write:
        GUARD.write_bytes(orjson.dumps({"cpu_ratio": round(ratio, 2)}) + b"\n")
    committed = orjson.loads(GUARD.read_bytes())["cpu_ratio"]
    worst = committed * ALLOWED
    print(f"an event costs the worker {ratio:.2f} times the loop's CPU; committed {committed}, allowed {worst:.2f}")
    return int(ratio > worst)


if __name__ == "__main__":
    sys.exit(main())
