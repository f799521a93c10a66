"""Lines a second at which a Postfix log is imported as mail events: python -m bench.import_log [lines]"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

LINES = 1_000_000
BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
DOMAINS = ("army.mil", "navy.mil", "nato.int", *(f"partner{number}.example.com" for number in range(500)))


def lines(count: int, seed: int = 7) -> Iterator[str]:
    """Log lines as Postfix 3 writes them, five for each mail; the lines of a hundred mails are interleaved."""
    rng = random.Random(seed)
    open_mails: list[list[str]] = []
    for number in range(count // 5):
        stamp = (BEGIN + timedelta(milliseconds=number * 300)).isoformat(timespec="milliseconds")
        queue_id = f"4bX{number:07X}z"
        start = f"{stamp} mx1 postfix"
        recipient = f"u{rng.randrange(100_000)}@{rng.choice(DOMAINS)}"
        open_mails.append(
            [
                f"{start}/smtpd[812]: {queue_id}: client=desk{rng.randrange(900)}.mod.example[10.1.2.3]",
                f"{start}/cleanup[815]: {queue_id}: message-id=<{number}.{rng.getrandbits(64):x}@mod.example>",
                f"{start}/qmgr[805]: {queue_id}: from=<user{rng.randrange(20_000)}@mod.example>, size=4096, nrcpt=1"
                " (queue active)",
                f"{start}/smtp[818]: {queue_id}: to=<{recipient}>, relay=mx.example[192.0.2.1]:25, delay=0.3,"
                " delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 12345)",
                f"{start}/qmgr[805]: {queue_id}: removed",
            ]
        )
        while len(open_mails) > 100:
            one = rng.choice(open_mails)
            yield one.pop(0)
            if not one:
                open_mails.remove(one)
    for one in open_mails:
        yield from one


def main() -> None:
    """Time the whole command, start included, and print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    with tempfile.TemporaryDirectory() as name:
        log, events = Path(name) / "mail.log", Path(name) / "events.jsonl"
        with log.open("w") as file:
            written = sum(bool(file.write(line + "\n")) for line in lines(count))
        command = [sys.executable, "-m", "streams", "import", "postfix", "-o", str(events), str(log)]
        begun = time.monotonic()
        process = subprocess.Popen(command)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
        mails = events.read_bytes().count(b"\n")
    assert status == 0
    assert mails >= count // 5
    print(
        f"{written:,} lines in {seconds:.1f} s ({written / seconds:,.0f} a second), {mails:,} mail events,"
        f" {used.ru_utime + used.ru_stime:.1f} s of processor time, at most {used.ru_maxrss / 1024:.0f} MB"
    )


if __name__ == "__main__":
    main()
