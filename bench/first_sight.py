"""The cost of domains that a worker has never seen before: `make bench-first-sight`.

A worker with a watchlist of 1,000 names reads two streams in turn. In one, the recipients have the same 5,000 domains
over and over; in the other, one recipient in twenty has a new, real domain, taken from the labelled legitimate ones.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator

import orjson

from bench.cluster import cluster, published
from bench.figures import Figures, machine, ratio_table, save, table
from bench.readers import run_worker
from bench.scoring_data import read_part
from bench.stream import MISTAKES, events

WATCHED = 1_000
NEW = 0.05


def watchlist(watched: int = WATCHED) -> str:
    """The watchlist of the scorer's benchmark, with the mistakes of the stream."""
    names = read_part(watched).watchlist.read_text().split()
    return orjson.dumps({"watched": names, "mistakes": MISTAKES}).decode()


def with_new_domains(values: Iterator[bytes], share: float, seed: int = 7) -> Iterator[bytes]:
    """The same events, with a share of the recipients' domains replaced by new ones."""
    rng = random.Random(seed)
    new = iter([row.domain for row in read_part(WATCHED).legitimate if not row.aside])
    for value in values:
        event = orjson.loads(value)
        for at, recipient in enumerate(event["recipients"]):
            if rng.random() < share and (domain := next(new, None)) is not None:
                event["recipients"][at] = f"{recipient.partition('@')[0]}@{domain}"
        yield orjson.dumps(event)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=8)
    options = parser.parse_args()
    again, new = "repeated domains", f"{NEW:.0%} new domains"
    runs: dict[str, list[Figures]] = {again: [], new: []}
    with cluster() as (kafka, folder):
        streams = {
            name: published(
                kafka, folder, with_new_domains(events(options.events), share), prefix=prefix, watchlist=watchlist()
            )
            for name, share, prefix in ((again, 0.0, "again."), (new, NEW, "new."))
        }
        for _ in range(options.runs):
            for name, stream in streams.items():
                runs[name].append(run_worker(stream))
    print(f"{machine()}\n\n{table(runs, 'stream')}\n\n{ratio_table(runs, new)}")
    save("first-sight", {"events": options.events, "runs": runs})


if __name__ == "__main__":
    main()
