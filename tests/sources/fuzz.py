"""Cuts, doubles, mixes and flips records of every source: `python -m tests.sources.fuzz [seconds] [seed]`.

A source raises nothing but UnreadableRecord for its own record, takes at most LINE_S of processor time for one, gives
only events that the pipeline accepts, and passes over no mail in silence. What breaks this is printed with its seed,
which finds it.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count, islice
from pathlib import Path

from streams.clock import monotonic
from streams.errors import UnreadableRecord
from streams.events.mail import decode, encode
from streams.sources.files import records
from streams.sources.log_line import log_line
from streams.sources.registry import SOURCES, source_named
from streams.sources.source import Source
from tests.sources import hostile
from tests.sources.read_log import IN_2026, SAMPLES

LINE_S = 0.05
CASES = Path(__file__).parents[1] / "cases"
NAMED_OTHERWISE = {"jsonl": "event-", "mbox": "eml-"}
RECORDS_OF_A_FILE = 500
ROUND = 40
_ADDRESS = re.compile(rb"\w@\w")
TRIES = 3


class FoundError(Exception):
    """What a source did that it must not do."""


def corpus(kind: str) -> list[list[bytes]]:
    """The records of each sample and case of a source, in their order."""
    source = source_named(kind)
    start = NAMED_OTHERWISE.get(kind, kind)
    files = [*CASES.glob(f"{start}*"), *(path for path in SAMPLES.glob(f"{kind}/*") if path.is_file())]
    files += [*SAMPLES.glob("mailbox/*.mbox")] if kind == "mbox" else []
    read = (islice(records(str(path), source.framing, lambda _: None), RECORDS_OF_A_FILE) for path in sorted(files))
    return [found for one in read if (found := [record.value for record in one])]


def mutated(rng: random.Random, lines: list[bytes]) -> list[bytes]:
    """Some records of a file, of which a few were damaged, doubled, mixed with others or put elsewhere."""
    at = rng.randrange(len(lines))
    chosen = lines[at : at + ROUND] if rng.random() < 0.7 else list(lines)
    for _ in range(rng.randrange(8)):
        if chosen:
            _damage(rng, chosen, lines)
    return chosen


def _damage(rng: random.Random, chosen: list[bytes], lines: list[bytes]) -> None:
    at = rng.randrange(len(chosen))
    line = chosen[at]
    place = rng.randrange(len(line) + 1)
    match rng.randrange(8):
        case 0:
            chosen[at] = line[:place]
        case 1:
            chosen.insert(rng.randrange(len(chosen) + 1), line)
        case 2:
            other = rng.choice(lines)
            chosen[at] = line[:place] + other[rng.randrange(len(other) + 1) :]
        case 3 if line:
            flipped = bytearray(line)
            flipped[min(place, len(line) - 1)] ^= 1 << rng.randrange(8)
            chosen[at] = bytes(flipped)
        case 4:
            chosen.insert(rng.randrange(len(chosen)), chosen.pop(at))
        case 5:
            del chosen[at]
        case 6:
            run = rng.choice(hostile.RUNS).encode() * rng.choice((1, 2, 50, 3_000))
            chosen[at] = line[:place] + run + line[place:]
        case _:
            chosen[at] = line[:place] + rng.randbytes(rng.randrange(1, 9)) + line[place:]


def check(kind: str, seed: int, files: list[list[bytes]]) -> int:
    """One round over a source; returns its records. Raises FoundError."""
    chosen = mutated(random.Random(seed), random.Random(seed + 1).choice(files))
    for left in reversed(range(TRIES)):  # others use this machine too
        try:
            _read(kind, chosen)
        except _SlowError as slow:
            if not left:
                raise FoundError(f"{kind}, seed {seed}: {slow}") from slow
        except FoundError as found:
            raise FoundError(f"{kind}, seed {seed}: {found}") from found
        else:
            break
    return len(chosen)


class _SlowError(Exception):
    pass


def _read(kind: str, chosen: list[bytes]) -> None:
    source = source_named(kind, IN_2026)
    events = problems = 0
    for record in chosen:
        if len(record) > source.record_bytes:
            problems += 1
            continue
        begun = time.thread_time()
        try:
            events += _accepted(source, source.read(record))
        except UnreadableRecord:
            problems += 1
        except Exception as error:
            raise FoundError(f"{error!r} at {record[:300]!r}") from error
        if time.thread_time() - begun > LINE_S:
            raise _SlowError(f"{time.thread_time() - begun:.3f} s for {record[:300]!r}")
    try:
        events += _accepted(source, source.settle(60_000)) + _accepted(source, source.finish())
    except Exception as error:
        raise FoundError(f"{error!r} at the end of {chosen!r}") from error
    if not events and not problems and not source.skipped and _has_mail(source, chosen):
        raise FoundError(f"a mail was passed over in silence: {chosen!r}")


def _accepted(source: Source, events: object) -> int:
    assert isinstance(events, Iterator | list | tuple)
    accepted = 0
    for event in events:
        accepted += 1
        decode(encode(event), now_ms=None)
    return accepted


def _has_mail(source: Source, chosen: list[bytes]) -> bool:
    """Whether a record has an address, as far as that can be told: exports and sensors write them elsewhere, too."""
    return source.framing == "lines" and source.is_dated and any(_ADDRESS.search(_text(one)) for one in chosen)


def _text(record: bytes) -> bytes:
    """What a line says, without its beginning: an address in the name of a program or a host is nobody's."""
    line = log_line(record)
    return record if line is None else line.text


def rounds(seed: int, seconds: float, kinds: Sequence[str]) -> dict[str, int]:
    """Fuzz these sources in turn for so many seconds; returns the records of each. Raises FoundError."""
    files = {kind: corpus(kind) for kind in kinds}
    read, begun = dict.fromkeys(kinds, 0), monotonic()
    for number in count(seed):
        for kind in kinds:
            read[kind] += check(kind, number, files[kind])
        if monotonic() - begun >= seconds:
            break
    return read


def main() -> None:
    """Fuzz all sources for so many seconds."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**40)
    print(f"seed {seed}", flush=True)
    read = rounds(seed, seconds, list(SOURCES))
    print(", ".join(f"{number:,} of {kind}" for kind, number in read.items()))


if __name__ == "__main__":
    main()
