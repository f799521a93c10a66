"""What the memory costs the scoring loop: CPU per event with and without it, in paired runs over the same batches.

The mail is that of a day: 20,000 senders who each write to 50 addresses of their own, to some more often than others.
Of the million addresses so many are at watched domains that 0.8 % of the events teach something, as of all mail that an
organisation sends and receives (docs/performance.md says where that comes from). The last tenth of the day is measured.

    python -m bench.memory_cost --watched 0.05
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from bench.stream import RIGHT, WATCHLIST
from streams.clock import today
from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail, received_mail
from streams.detection.score_events import score_events
from streams.domains.scorer import Scorer
from streams.domains.settings import ScorerSettings
from streams.domains.watchlist.file import read_watchlist
from streams.events.privacy import Privacy
from streams.memory.settings import KnowledgeSettings

SENDERS, ADDRESSES_EACH = 20_000, 50
BATCH = 2_000
OWN = "mod.gov.uk"
IS_OWN, IS_RECEIVED = OwnMail([OWN]), received_mail([OWN])
BEGIN_MS = 1_700_006_400_000
"""Midnight, UTC."""


def events(count: int, watched: float) -> Iterator[bytes]:
    """Mail events of one day; a share `watched` of the addresses is at watched domains."""
    rng = random.Random(7)
    domains = [f"partner{number}.example.com" for number in range(5_000)]
    weights = [1 / (1 + number) for number in range(ADDRESSES_EACH)]
    of_sender = [
        [
            f"u{sender}.{number}@{rng.choice(RIGHT if rng.random() < watched else domains)}"
            for number in range(ADDRESSES_EACH)
        ]
        for sender in range(SENDERS)
    ]
    for number in range(count):
        sender = rng.randrange(SENDERS)
        yield orjson.dumps(
            {
                "id": f"{number}.{rng.getrandbits(64):016x}",
                "message_id": f"<{number}.{rng.getrandbits(64):016x}@{OWN}>",
                "time": BEGIN_MS + number * 80_000_000 // count,
                "sender": f"user{sender}@{OWN}",
                "recipients": rng.choices(of_sender[sender], weights, k=rng.choice((1, 1, 1, 2, 3))),
                "subject": f"Routine movement order and itinerary for visiting party {number}",
                "size": rng.randrange(2_000, 900_000),
                "source": "postfix",
                "delivery": "delivered",
                "direction": "outbound",
            }
        )


def detectors() -> tuple[Detector, Detector]:
    """A detector without a memory, and one with it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "watchlist.yaml"
        path.write_text(WATCHLIST)
        watchlist = read_watchlist(path, today=today())
    memory = KnowledgeSettings().memory(b"bench", persons=True)
    scorers = [Scorer(watchlist, ScorerSettings()) for _ in range(2)]
    privacy = Privacy(b"bench")
    return Detector(scorers[0], privacy, time.monotonic), Detector(scorers[1], privacy, time.monotonic, memory)


def measured(batch: list[bytes], detector: Detector) -> tuple[float, int]:
    """The CPU seconds of a batch, and how many entries of the memory it changed."""
    begin = time.process_time()
    scored = score_events(batch, detector, IS_OWN, now_ms=None, is_received=IS_RECEIVED)
    return time.process_time() - begin, len(scored.learned)


def main() -> None:
    """Print the median of the ratios of all pairs, their quartiles, and the share of events that taught something."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the day")
    parser.add_argument("--watched", type=float, default=0.028, help="share of addresses at watched domains")
    arguments = parser.parse_args()
    without, with_memory = detectors()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # as a worker does
    ratios, seconds, learned = [], [0.0, 0.0], 0
    stream, begin = events(arguments.events, arguments.watched), arguments.events * 9 // 10
    for number, at in enumerate(range(0, arguments.events, BATCH)):
        batch = list(islice(stream, BATCH))
        if at < begin:
            measured(batch, with_memory)
            measured(batch[:100], without)  # its cache of verdicts is to be as warm
            continue
        order = (without, with_memory) if number % 2 else (with_memory, without)
        took = {detector: measured(batch, detector) for detector in order}
        ratios.append(took[with_memory][0] / took[without][0])
        seconds = [seconds[0] + took[without][0], seconds[1] + took[with_memory][0]]
        learned += took[with_memory][1]
    count = len(ratios) * BATCH
    low, median, high = statistics.quantiles(ratios, n=4)
    print(f"CPU per event: {seconds[0] / count * 1e6:.2f} us without, {seconds[1] / count * 1e6:.2f} us with a memory")
    print(f"ratio of {len(ratios)} pairs: median {median:.3f}, quartiles {low:.3f} to {high:.3f}")
    print(f"{learned / count:.2%} of the events taught something")


if __name__ == "__main__":
    main()
