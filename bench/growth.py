"""Cost and memory as the work grows: `make bench-growth`.

One thing varies at a time; the others stay at 300,000 events, a watchlist of 4 entries, 1 % hits, 5,000 domains, 20,000
senders and one worker. CPU per event is the figure to rely on: events/s depend on what else the machine does. At the
end the number of cores for a day's mails is estimated from CPU per event with 1 % hits.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.cluster import cluster, published
from bench.figures import Figures, machine, save
from bench.readers import run_worker
from bench.stream import WATCHLIST, events
from tests.broker.apache import ApacheKafka

DAY_SECONDS = 86_400
PEAK = 3.0
"""The rate of mail in the busiest hour, as a multiple of the mean rate."""
BUSY = 0.7
"""The share of the peak hour that a worker may be busy, so that it can catch up after a delay."""
DAYS = (("an organisation: 1 million", 1e6), ("1 billion", 1e9), ("all the world's: 350 billion", 350e9))


@dataclass(frozen=True)
class Case:
    """One stream, its watchlist and the number of workers; `what` varies and has this `value`."""

    what: str
    value: str
    count: int = 300_000
    watched: int = 4
    hits: float = 0.01
    domains: int = 5_000
    senders: int = 20_000
    workers: int = 1

    def watchlist(self) -> str:
        """The watchlist of the other benchmarks, with more watched domains."""
        more = "".join(f", office{number}.example.gov" for number in range(self.watched - 4))
        return WATCHLIST.replace("nato.int]", f"nato.int{more}]")

    def stream(self) -> Iterator[bytes]:
        """Its mail events."""
        return events(self.count, hits=self.hits, domains=self.domains, senders=self.senders)


def cases() -> Iterator[Case]:
    """All cases, one thing varying at a time."""
    for watched in (10, 1_000, 20_000, 200_000):
        yield Case("watched domains", f"{watched:,}", watched=watched)
    for hits in (0.0001, 0.001, 0.01, 0.05, 0.2):
        yield Case("hit rate", f"{hits:.2%}", hits=hits)
    for domains in (1_000, 100_000, 1_000_000):
        yield Case("distinct domains", f"{domains:,}", domains=domains)
    for senders in (1_000, 100_000, 1_000_000):
        yield Case("distinct senders", f"{senders:,}", senders=senders)
    for count in (300_000, 600_000, 1_200_000):
        yield Case("events in the stream", f"{count:,}", count=count)
    for workers in (1, 2):
        yield Case("workers", f"{workers}", count=600_000, workers=workers)


def measure(kafka: ApacheKafka, folder: Path, number: int, case: Case) -> Figures:
    """Publish the case's stream under a prefix of its own and read it."""
    stream = published(kafka, folder, case.stream(), prefix=f"case{number}.", watchlist=case.watchlist())
    return run_worker(stream, workers=case.workers)


def cores(mails_a_day: float, cpu_us_per_event: float) -> float:
    """The number of cores needed at the peak, with one event for each mail."""
    return mails_a_day / DAY_SECONDS * PEAK * cpu_us_per_event / 1e6 / BUSY


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="measure only the cases whose name begins like this")
    options = parser.parse_args()
    found: list[tuple[Case, Figures]] = []
    with cluster() as (kafka, folder):
        for number, case in enumerate(case for case in cases() if case.what.startswith(options.only)):
            found.append((case, measure(kafka, folder, number, case)))
            print(f"{case.what} {case.value}: {found[-1][1]}", file=sys.stderr, flush=True)
    print(f"{machine()}\n\n| what | | events/s | CPU us/event | peak memory MB |\n|---|---|---|---|---|")
    for case, of in found:
        figures = f"{of.events_per_second:,.0f} | {of.cpu_us_per_event:.1f} | {of.peak_memory_mb:.0f}"
        print(f"| {case.what} | {case.value} | {figures} |")
    usual = next((of for case, of in found if case.what == "hit rate" and case.hits == 0.01), found[0][1])
    print(f"\n| mails a day | cores at the peak ({usual.cpu_us_per_event:.1f} us/event) |\n|---|---|")
    for name, mails in DAYS:
        print(f"| {name} | {cores(mails, usual.cpu_us_per_event):,.3g} |")
    save("growth", {"cases": [{"case": case, "figures": of} for case, of in found]})


if __name__ == "__main__":
    main()
