"""Records a second that each source reads into mail events, of one process's time: python -m bench.import_sources

The records are those of the samples in tests/data/sources, again and again as other mails.
"""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

from streams.errors import UnreadableRecord
from streams.events.mail import encode
from streams.sources.files import records
from streams.sources.registry import SOURCES, source_named
from streams.sources.source import Source, SourceOptions

SAMPLES = Path(__file__).parents[1] / "tests" / "data" / "sources"
FOLDERS = {"mbox": "mailbox", "eml": "mailbox"}
RECORDS = 20_000
TRIES = 3
SENDING = b"mod.example"


def files_of(kind: str) -> list[Path]:
    """The sample files of a source."""
    return sorted(path for path in (SAMPLES / FOLDERS.get(kind, kind)).glob("*") if path.is_file())


def rate(kind: str, path: Path) -> float:
    """Records of a file that its source reads in a second of processor time, the best of some tries."""
    framing = source_named(kind).framing
    once = [record.value for record in records(str(path), framing, lambda _: None)]
    head, body = (once[:1], once[1:]) if framing == "rows" and not once[0].startswith(b"{") else ([], once)
    copies = (record.replace(SENDING, b"mod%d.example" % number) for number in range(RECORDS) for record in body)
    many = [*head, *islice(copies, RECORDS)]
    return max(len(many) / _seconds(source_named(kind, SourceOptions(year=2026)), many) for _ in range(TRIES))


def _seconds(source: Source, many: list[bytes]) -> float:
    begun = time.thread_time()
    for record in many:
        with suppress(UnreadableRecord):
            for event in source.read(record):
                encode(event)
    for event in source.finish():
        encode(event)
    return time.thread_time() - begun


def main() -> None:
    """Print a line for each source and file."""
    for kind in SOURCES:
        for path in files_of(kind):
            print(f"{kind:10} {path.name:24} {rate(kind, path):10,.0f} records a second")


if __name__ == "__main__":
    main()
