"""What domains cost that a worker sees for the first time: `make bench-first-sight`.

Two streams under a watchlist of 1,000 names, read in turn: in one the recipients' domains are 5,000 that come again and
again, in the other one recipient in twenty has a real domain that never came before (of the labelled legitimate ones).
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


def watchlist() -> str:
    """The names of the scorer's benchmark, and the mistakes of the stream."""
    names = read_part(WATCHED).watchlist.read_text().split()
    return orjson.dumps({"watched": names, "mistakes": MISTAKES}).decode()


def with_new_domains(values: Iterator[bytes], share: float, seed: int = 7) -> Iterator[bytes]:
    """The same events, with so many of the recipients' domains never seen before."""
    rng = random.Random(seed)
    new = iter([row.domain for row in read_part(WATCHED).legitimate if not row.aside])
    for value in values:
        event = orjson.loads(value)
        for at, recipient in enumerate(event["recipients"]):
            if rng.random() < share and (domain := next(new, None)) is not None:
                event["recipients"][at] = f"{recipient.partition('@')[0]}@{domain}"
        yield orjson.dumps(event)


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=8)
    options = parser.parse_args()
    again, new = "domains that come again", f"{NEW:.0%} of domains for the first time"
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
