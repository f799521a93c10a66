"""Time and memory of a backtest of a million generated events: python -m bench.backtest [events]"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

import orjson

from tests.pipeline.mail import WATCHLIST, mail_events

EVENTS = 1_000_000


def write_events(path: Path, count: int) -> None:
    with path.open("wb") as file:
        for event in mail_events(count, seed=7):
            file.write(orjson.dumps(event) + b"\n")


def main() -> None:
    """Run the backtest in a process of its own and print its figures; the memory is that of its largest process."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    jobs = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        writer = get_context("spawn").Process(target=write_events, args=(folder / "events.jsonl", count))
        writer.start()  # in another process: a child's peak memory begins with that of the process that started it
        writer.join()
        (folder / "watchlist.yaml").write_text(WATCHLIST)
        arguments = ["jsonl", str(folder / "events.jsonl"), "--watchlist", str(folder / "watchlist.yaml"), "--json"]
        begun = time.monotonic()
        command = [sys.executable, "-m", "streams", "backtest", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
    assert status == 0
    print(
        f"{count:,} events in {seconds:.1f} s on {jobs} cores ({count / seconds:,.0f} a second), "
        f"{used.ru_utime + used.ru_stime:.1f} s of processor time, {jobs + 1} processes of at most "
        f"{used.ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
