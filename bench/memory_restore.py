"""The start of a worker with much to remember: `make bench-memory-restore`.

Writes the entries of a million persons to mail.correspondents, as the log cleaner leaves them, and measures from exec
to ready, the restore alone, the processor time until then, and resident memory.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator

from bench.cluster import PARTITIONS, Stream, cluster, published
from bench.figures import machine, save, spread
from bench.memory_worker import KEY
from bench.start import ready
from streams.kafka.clients.sync_producer import SyncProducer
from streams.memory.facts import PersonFacts
from streams.memory.memory_digests import MemoryDigests
from streams.memory.records import MemoryKind, MemoryRecord, encode

YEAR = range(20_000, 20_365)


def facts(rng: random.Random) -> PersonFacts:
    """A person with mail on the first and the last of up to 32 days, and one to four writers."""
    last = rng.choice(YEAR)
    first = last - rng.randrange(32)
    writers = {(first << 16) + tag for tag in rng.sample(range(1, 1 << 16), rng.randrange(1, 5))}
    return PersonFacts(first, last, 1 | 1 << last - first, tuple(sorted(writers)))


def entries(persons: int) -> Iterator[tuple[bytes, bytes | None]]:
    """The record of each person, under one of the source partitions."""
    rng, key_id = random.Random(5), MemoryDigests(KEY.encode()).key_id
    for number in range(persons):
        record = MemoryRecord(MemoryKind.PERSON, rng.getrandbits(64), facts(rng))
        yield encode(record, number % PARTITIONS, key_id)


def write(stream: Stream, persons: int) -> None:
    topics = stream.topics("nobody")
    topics.close()
    with SyncProducer(stream.settings, topics.names.correspondents) as producer:
        for key, value in entries(persons):
            producer.send(value, key=key)


def _ready(stream: Stream) -> dict[str, float]:
    return ready(stream, "memory", PRIVACY_KEY=KEY)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with cluster() as (kafka, folder):
        empty = [_ready(published(kafka, folder, iter(()), prefix="none."))]
        full = published(kafka, folder, iter(()), prefix="full.")
        write(full, options.persons)
        runs = [_ready(full) for _ in range(options.runs)]
    print(f"{options.persons:,} persons; {machine()}\n\n| what | median (from, to) |\n|---|---|")
    print(f"| exec to ready, s | {spread([one['ready_s'] for one in runs], 1)} |")
    print(f"| the restore alone, s | {spread([one['restore_s'] for one in runs], 1)} |")
    print(f"| processor time until ready, s | {spread([one['cpu_s'] for one in runs], 1)} |")
    print(f"| memory when ready, MB | {spread([one['resident_mb'] for one in runs])} |")
    print(f"| exec to ready with an empty memory, s | {spread([one['ready_s'] for one in empty], 1)} |")
    print(f"| memory with an empty memory, MB | {spread([one['resident_mb'] for one in empty])} |")
    save("memory_restore", {"persons": options.persons, "empty": empty, "full": runs})


if __name__ == "__main__":
    main()
