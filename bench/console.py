"""What the console's store takes with its 100,000 findings: `make bench-console`.

CPU time in one process, without Kafka: of a new finding, of a change (decoding the alert, and storing it), and of a
page of cases in each order without a filter, which goes through all of them. And the growth of resident memory.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterable

from bench.figures import machine, save, spread
from bench.process import resident_mb
from streams.console.finding_index import FindingIndex
from streams.console.finding_order import SORTS, Sort
from streams.console.query import PAGE
from streams.console.stored_finding import finding_of
from streams.events.alert import encode_alert
from tests.cli.finding import START_MS
from tests.console.samples import one_of_many

CHANGES = 5_000
RUNS = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--findings", type=int, default=100_000)
    count = parser.parse_args().findings
    index, empty_mb = FindingIndex(count), resident_mb(os.getpid())
    new = [_stored_us(index, range(at, at + CHANGES), 1) for at in range(0, count, CHANGES)]
    memory_mb = resident_mb(os.getpid()) - empty_mb
    changes = [_stored_us(index, range(count - (1 + run) * CHANGES, count - run * CHANGES), 2) for run in range(RUNS)]
    newer = [random.Random(run).sample(range(count // 2, count), CHANGES) for run in range(RUNS)]
    scattered = [_stored_us(index, numbers, 3 + run) for run, numbers in enumerate(newer)]
    pages = {sort: [_page_ms(index, sort) for _ in range(RUNS)] for sort in SORTS}
    save(
        "console",
        {"new_us": new, "change_us": changes, "scattered_us": scattered, "page_ms": pages, "memory_mb": memory_mb},
    )
    print(f"{machine()}\n\n| with {count:,} findings | |\n|---|---|")
    print(f"| a new finding | {spread([sum(each) for each in new])} us |")
    print(f"| a change, of one finding after the other | {spread([sum(each) for each in changes])} us |")
    print(f"| a change, of any finding of the newer half | {spread([sum(each) for each in scattered])} us |")
    print(f"| of it, decoding the alert | {spread([decoding for decoding, _ in changes])} us |")
    for sort, times_ms in pages.items():
        print(f"| a page by {sort}, unfiltered | {spread(times_ms, 1)} ms |")
    print(f"| memory | {memory_mb:,.0f} MB |")


def _stored_us(index: FindingIndex, numbers: Iterable[int], sequence: int) -> tuple[float, float]:
    """CPU time of decoding, and of storing, one state of each finding; microseconds each."""
    later_ms = START_MS + 1_000 * sequence
    alerts = [encode_alert(one_of_many(number, sequence, later_ms + number)) for number in numbers]
    began = time.process_time()
    findings = [finding_of(alert) for alert in alerts]
    decoded = time.process_time()
    for finding in findings:
        index.put(finding)
    return (decoded - began) / len(alerts) * 1e6, (time.process_time() - decoded) / len(alerts) * 1e6


def _page_ms(index: FindingIndex, sort: Sort) -> float:
    began = time.process_time()
    index.cases(list, sort, "", None, PAGE)
    return (time.process_time() - began) * 1e3


if __name__ == "__main__":
    main()
