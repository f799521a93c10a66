"""What the memory costs a whole worker, on a real Kafka: `make bench-memory-worker`.

A worker with memory and one without read the same stream in turn, in pairs: a day of delivered mail of 20,000 senders
to a million distinct addresses, some written to by many and most by few, as in real mail (the n-th in proportion to
1/n). A share of the addresses is at watched domains, one mail in a thousand is mistyped. Prints CPU per event of both,
the ratio pair by pair, and the share of the mails that taught something, in proportion to which the memory costs.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator

import orjson

from bench.cluster import Stream, cluster, published
from bench.figures import Figures, machine, ratio_table, save, table
from bench.readers import run_worker
from bench.stream import MISTAKES, RIGHT

SENDERS, ADDRESSES = 20_000, 1_000_000
HITS = 0.001
WATCHED = 0.05
"""With these, 3 % of the mails teach something: as many as of the mail that an office sends (docs/performance.md)."""
WITH, WITHOUT = "with memory", "without"
KEY = "a secret key of this benchmark"


def address(rng: random.Random, watched: float) -> str:
    """An address: each has a domain of its own, and the n-th occurs in proportion to 1/n. A share `watched` is at
    watched domains, of the frequent as of the rare ones."""
    number, each = int(ADDRESSES ** rng.random()), round(1 / watched)
    if number % each == each // 2:
        return f"u.x{number}@{RIGHT[number // each % len(RIGHT)]}"
    return f"u.x{number}@partner{number * 7_919 % 5_000}.example.com"


def mails(count: int, watched: float = WATCHED) -> Iterator[bytes]:
    """`count` delivered mails of one day, each to one to three addresses."""
    rng, mistakes, begin_ms = random.Random(3), list(MISTAKES), 1_700_006_400_000
    for number in range(count):
        recipients = [address(rng, watched) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
        if rng.random() < HITS:
            recipients[0] = f"u{number}@{rng.choice(mistakes)}"
        yield orjson.dumps(
            {
                "id": f"{number}.{rng.getrandbits(64):016x}",
                "message_id": f"<{number}.{rng.getrandbits(64):016x}@mod.gov.uk>",
                "time": begin_ms + number * 36_000_000 // count,
                "sender": f"user{rng.randrange(SENDERS)}@mod.gov.uk",
                "recipients": recipients,
                "subject": f"Routine movement order and itinerary for visiting party {number}",
                "size": rng.randrange(2_000, 900_000),
                "source": "postfix",
                "direction": "outbound",
                "delivery": "delivered",
            }
        )


def run(stream: Stream, *, enabled: bool) -> Figures:
    """One worker reads the whole stream."""
    return run_worker(stream, PRIVACY_KEY=KEY, KNOWLEDGE_ENABLED=str(enabled).lower())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--watched", type=float, default=WATCHED, help="share of addresses at watched domains")
    options = parser.parse_args()
    runs: dict[str, list[Figures]] = {WITHOUT: [], WITH: []}
    with cluster() as (kafka, folder):
        stream = published(kafka, folder, mails(options.events, options.watched))
        for number in range(options.pairs):
            # Neither always comes first; the last of all has memory, so that its topic can be looked at.
            for name in (WITHOUT, WITH) if (options.pairs - number) % 2 else (WITH, WITHOUT):
                runs[name].append(run(stream, enabled=name == WITH))
                print(f"pair {number + 1} of {options.pairs}: {name}: {runs[name][-1]}", file=sys.stderr, flush=True)
        topics = stream.topics(stream.group())
        taught = sum(topics.ends(topics.names.correspondents).values())
        topics.close()
    print(f"{stream.count:,} events, {ADDRESSES:,} addresses, {options.watched:.1%} watched; {machine()}\n")
    print(f"{table(runs, 'worker')}\n\n{ratio_table(runs, WITH)}\n")
    print(f"{taught / stream.count:.1%} of the events taught something")
    save("memory_worker", {"watched": options.watched, "events": stream.count, "taught": taught, "runs": runs})


if __name__ == "__main__":
    main()
