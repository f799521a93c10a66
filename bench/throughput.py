"""The throughput of one worker compared with the alternatives, in one run: `make bench`.

Starts Apache Kafka, publishes the stream once, then reads it repeatedly, with the worker and its peers in turn. Prints
medians and spreads of events/s, CPU us/event and memory, and the ratios run by run; saves all figures and a plot.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.cluster import Stream, cluster, published
from bench.figures import Figures, machine, ratio_table, ratios, save, table
from bench.plots import bars
from bench.readers import SCORE_ALONE, run_peer, run_worker
from bench.stream import events

WORKER = "the worker as shipped"
ALONE = "the score step alone"
HAND, BARE = "hand-written loop, same work", "hand-written loop, orjson and a table"
BYTEWAX, QUIX, FAUST = "Bytewax", "Quix Streams", "Faust as its tutorial has it"
SLOW = {FAUST: 60_000}
"""The number of events that a slow reader reads, instead of the whole stream."""
HITS = 0.01
PLOT = Path("docs/images/throughput.svg")


def readers(stream: Stream, peers: str | None) -> dict[str, Callable[[], Figures]]:
    """All readers of the stream, in the order of a round."""
    found: dict[str, Callable[[], Figures]] = {
        WORKER: partial(run_worker, stream),
        HAND: partial(run_peer, stream, "hand", "same"),
        ALONE: partial(run_worker, stream, program=SCORE_ALONE),
        BARE: partial(run_peer, stream, "hand", "bare"),
        FAUST: partial(run_peer, stream, "plain_faust", count=min(SLOW[FAUST], stream.count)),
    }
    if peers is not None:
        found[BYTEWAX] = partial(run_peer, stream, "bytewax_flow", python=peers)
        found[QUIX] = partial(run_peer, stream, "quix", python=peers)
    return found


def share(text: str) -> float:
    """A share of hits, above 0: each reader is timed by its hits."""
    try:
        if 0 < (hits := float(text)) <= 1:
            return hits
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 1, such as 0.001")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=600_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--hits", type=share, default=HITS, help="the share of mistyped mails; default: %(default)s")
    parser.add_argument("--peers", help="Python of the environment that has Bytewax and Quix Streams")
    options = parser.parse_args()
    runs: dict[str, list[Figures]] = {}
    with cluster() as (kafka, folder):
        stream = published(kafka, folder, events(options.events, hits=options.hits))
        for number in range(options.runs):
            for name, read in readers(stream, options.peers).items():
                runs.setdefault(name, []).append(read())
                print(f"run {number + 1} of {options.runs}: {name}: {runs[name][-1]}", file=sys.stderr, flush=True)
    size = f"{options.hits:.2%} hits, {stream.count:,} events ({SLOW[FAUST]:,} for {FAUST}), 8 partitions, lz4"
    print(f"{size}; {machine()}\n")
    print(f"{table(runs, 'reader')}\n\n{ratio_table(runs, WORKER)}")
    about = {"events": stream.count, "hits": options.hits, "fewer": SLOW}
    save("bench", {**about, "runs": runs, "ratios": ratios(runs, WORKER)})
    if options.hits == HITS:
        bars(PLOT, {name: [f.events_per_second for f in found] for name, found in runs.items()}, "events a second")


if __name__ == "__main__":
    main()
