"""What judging costs, by the size of the watchlist: `make bench-scoring-cost`.

Watchlists of 10 to 200,000 domains; the largest is the one of 20,000 with nine made variants of each name. The domains
are the labelled ones, once each, so that nothing is cached. Each row is a process of its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.scoring_data import DATA, read_part

SIZES = (10, 1000, 20000, 200000)
SYLLABLES = ("ba", "dor", "fil", "gam", "kes", "lun", "mor", "pax", "tir")


def watchlist(size: int, folder: Path) -> Path:
    if size <= 20000:
        return DATA / f"scoring_watched_{size}.txt"
    names = (DATA / "scoring_watched_20000.txt").read_text().split()
    made = [f"{syllable}{name}" for syllable in SYLLABLES for name in names if "*" not in name]
    path = folder / "watched.txt"
    path.write_text("\n".join((*names, *made)[:size]) + "\n")
    return path


def run(path: Path, domains: list[str]) -> tuple[float, float]:
    """Wall seconds of a whole process, and its CPU seconds with its children's."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "streams.cli.score", "--watchlist", str(path), "-"],
        input="".join(f"{domain}\n" for domain in domains).encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    domains = read_part(20000).domains
    print(f"{'watched':>8} {'us a domain':>12} {'CPU us':>8} {'load s':>8} {'peak MB':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            path = watchlist(size, Path(folder))
            load, _ = run(path, domains[:1])
            wall, cpu = run(path, domains)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            row = (size, wall / len(domains) * 1e6, cpu / len(domains) * 1e6, load, peak)
            print("{:>8} {:>12.1f} {:>8.1f} {:>8.2f} {:>8.0f}".format(*row), flush=True)


if __name__ == "__main__":
    main()
