"""The throughput of one worker compared with the alternatives, in one run: `make bench`.

Starts Apache Kafka, publishes the stream once, then reads it repeatedly, with the worker and its peers in turn. Prints
medians and spreads of events/s, CPU us/event and memory, and the ratios run by run. Then it kills the worker and each
engine once midway, and prints what they lost or published again. Saves all figures and a plot.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.cluster import Stream, cluster, published
from bench.engine import kafka_streams, python_engine
from bench.figures import Figures, machine, ratio_table, ratios, save, table
from bench.kills import EngineReader, Killed, Reader, WorkerReader, kill_midway, kills_table
from bench.peers.work import WINDOW_MS
from bench.plots import bars
from bench.readers import SCORE_ALONE, run_engine, run_hand, run_worker
from bench.stream import events
from streams.clock import now_ms
from tests.broker.apache import ApacheKafka

WORKER = "the worker as shipped"
ALONE = "the score step alone"
HAND, BARE = "hand-written loop, same work", "hand-written loop, orjson and a table"
BYTEWAX, QUIX, FAUST = "Bytewax", "Quix Streams", "Faust as its tutorial has it"
KAFKA_STREAMS = "Kafka Streams"
SLOW = {FAUST: 60_000}
"""The number of events that a slow reader reads, instead of the whole stream."""
HITS = 0.01
PLOT = Path("docs/images/throughput.svg")


@dataclass(frozen=True)
class Streams:
    """The stream, and one with fewer events for the readers that are slow."""

    whole: Stream
    fewer: Stream

    def of(self, name: str) -> Stream:
        """The stream that a reader reads."""
        return self.fewer if name in SLOW else self.whole


def publish(kafka: ApacheKafka, folder: Path, count: int, hits: float) -> Streams:
    """Publish both, as of yesterday's noon: brokers delete what is old from the logs of windows, and none straddles."""
    noon_ms = (now_ms() // WINDOW_MS - 1) * WINDOW_MS + WINDOW_MS // 2
    made = [
        published(kafka, folder, events(number, hits=hits, begin_ms=noon_ms), prefix=prefix)
        for number, prefix in ((count, ""), (min(count, *SLOW.values()), "fewer."))
    ]
    return Streams(*made)


def engines(peers: str | None) -> dict[str, list[str]]:
    """The commands of the engines, in the order of a round."""
    found = {FAUST: python_engine("plain_faust")}
    if peers is not None:
        found |= {BYTEWAX: python_engine("bytewax_flow", peers), QUIX: python_engine("quix", peers)}
    return found | {KAFKA_STREAMS: kafka_streams()}


def readers(streams: Streams, peers: str | None) -> dict[str, Callable[[], Figures]]:
    """All readers of the stream, in the order of a round."""
    stream = streams.whole
    found: dict[str, Callable[[], Figures]] = {
        WORKER: partial(run_worker, stream),
        HAND: partial(run_hand, stream, "same"),
        ALONE: partial(run_worker, stream, program=SCORE_ALONE),
        BARE: partial(run_hand, stream, "bare"),
    }
    return found | {name: partial(run_engine, streams.of(name), command) for name, command in engines(peers).items()}


def kill_each(streams: Streams, peers: str | None) -> dict[str, Killed]:
    """Kill the worker and each engine."""
    found: dict[str, Reader] = {WORKER: WorkerReader(streams.whole)}
    found |= {name: EngineReader(streams.of(name), command) for name, command in engines(peers).items()}
    killed = {}
    for name, reader in found.items():
        killed[name] = kill_midway(streams.of(name), reader)
        print(f"killed: {name}: {killed[name]}", file=sys.stderr, flush=True)
    return killed


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
        streams = publish(kafka, folder, options.events, options.hits)
        for number in range(options.runs):
            for name, read in readers(streams, options.peers).items():
                runs.setdefault(name, []).append(read())
                print(f"run {number + 1} of {options.runs}: {name}: {runs[name][-1]}", file=sys.stderr, flush=True)
        killed = kill_each(streams, options.peers)
    whole, fewer = streams.whole.count, streams.fewer.count
    print(f"{options.hits:.2%} hits, {whole:,} events ({fewer:,} for {FAUST}), 8 partitions, lz4; {machine()}\n")
    print(f"{table(runs, 'reader')}\n\n{ratio_table(runs, WORKER)}\n\n{kills_table(killed)}")
    about = {"events": whole, "hits": options.hits, "fewer": dict.fromkeys(SLOW, fewer)}
    save("bench", {**about, "runs": runs, "ratios": ratios(runs, WORKER), "killed": killed})
    if options.hits == HITS:
        bars(PLOT, {name: [f.events_per_second for f in found] for name, found in runs.items()}, "events a second")


if __name__ == "__main__":
    main()
