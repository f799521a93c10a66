"""The cost of scoring by the size of the watchlist: `make bench-scoring-cost` prints it and updates docs/scoring.md.

The watchlists have 10 to 200,000 domains; the largest is that of 20,000 with nine generated variants of each name. The
labelled domains are scored once each, so that nothing is cached. Each row is a process of its own, start and loading
included; the minimum of a few runs counts, since other load on a shared machine only ever adds to it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.scoring_cost_page import Cost, plot, put_into_page, table
from bench.scoring_data import DATA, read_part
from streams.cli.score.run import load
from streams.domains.thresholds import PlainThresholds

SIZES = (10, 1000, 20000, 200000)
SYLLABLES = ("ba", "dor", "fil", "gam", "kes", "lun", "mor", "pax", "tir")
RUNS = 5
PEAK = """
import re, sys
from streams.cli.score import score
score.main(["--watchlist", sys.argv[1], "example.org"], standalone_mode=False)
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""
"""VmHWM and not ru_maxrss, which a process inherits from the one that started it."""


def watchlist(size: int, folder: Path) -> Path:
    if size <= 20000:
        return DATA / f"scoring_watched_{size}.txt"
    names = (DATA / "scoring_watched_20000.txt").read_text().split()
    made = [f"{syllable}{name}" for syllable in SYLLABLES for name in names if "*" not in name]
    path = folder / "watched.txt"
    path.write_text("\n".join((*names, *made)[:size]) + "\n")
    return path


def run(path: Path, domains: list[str]) -> tuple[float, float]:
    """The elapsed seconds of a whole process, and its CPU seconds, those of its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "streams", "score", "--watchlist", str(path), "-"],
        input="".join(f"{domain}\n" for domain in domains).encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_mb(path: Path) -> float:
    """The peak memory of a scorer with this watchlist; the processes that share the work are copies of it."""
    done = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, check=True)
    return int(done.stdout.split()[-1]) / 1024


def measure(size: int, path: Path, domains: list[str]) -> Cost:
    load_s = min(run(path, domains[:1])[1] for _ in range(RUNS))
    wall_s, cpu_s = map(min, zip(*(run(path, domains) for _ in range(RUNS)), strict=True))
    us = 1e6 / len(domains)
    return Cost(size, wall_s * us, cpu_s * us, (cpu_s - load_s) * us, load_s, peak_mb(path))


def cached_us(path: Path, domains: list[str]) -> float:
    """Microseconds for a domain whose verdict is cached."""
    score = load(path, PlainThresholds())
    spent = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        for domain in domains:
            score(domain)
        spent.append(time.perf_counter() - begin)
    return min(spent) / len(domains) * 1e6


def main() -> None:
    domains = read_part(20000).domains
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            costs.append(measure(size, watchlist(size, Path(folder)), domains))
            print(costs[-1], flush=True)
    text = table(costs, len(domains), cached_us(watchlist(20000, DATA), domains), datetime.now(UTC).date())
    print(text)
    put_into_page(text)
    plot(costs)


if __name__ == "__main__":
    main()
