"""A worker's memory while it processes two hours of a large organisation's mail: `make bench-memory`.

Starts Apache Kafka and one worker with 1,000 watched domains, publishes the events as fast as Kafka takes them, and
samples the worker's resident memory twice a second. Prints the figures and draws docs/images/memory.svg. Fails where
the last third of the events takes a tenth more memory than the third before it, or where memory ever exceeds 350 MB.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from bench.stream import MISTAKES, events, publish
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess

EVENTS = 7_200_000
SPAN_MS = 2 * 3_600_000
WATCHED = 1_000
MOST_MB = 350.0
MOST_GROWTH = 1.1
"""Some growth is expected: the state of the findings of the two hours."""
SAMPLE_SECONDS = 0.5
OUT = Path("docs/images/memory.svg")


class MemorySample(NamedTuple):
    """The number of events processed, and the resident memory in MB."""

    processed: int
    mb: float


def main() -> int:
    """The exit code: 0 where memory is flat and within its limit, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder, ApacheKafka() as kafka:
        samples = _run(KafkaSettings(brokers=kafka.bootstrap, topic_prefix=f"m{uuid.uuid4().hex[:8]}."), folder, count)
    early, late = (_mean(samples, count, part) for part in (1, 2))
    most = max(sample.mb for sample in samples)
    print(f"{count:,} events, {WATCHED:,} watched domains: at most {most:.0f} MB")
    print(f"second third {early:.0f} MB, last third {late:.0f} MB")
    _draw(samples, OUT)
    return 0 if most <= MOST_MB and late <= MOST_GROWTH * early else 1


def _run(settings: KafkaSettings, folder: str, count: int) -> list[MemorySample]:
    create_topics(settings)
    watchlist = Path(folder) / "watchlist.yaml"
    watched = ", ".join(f"bureau{number}.gov.example" for number in range(WATCHED - len(MISTAKES)))
    mistakes = ", ".join(f"{wrong}: {right}" for wrong, right in MISTAKES.items())
    watchlist.write_text(f"watched: [{watched}, {', '.join(MISTAKES.values())}]\nmistakes: {{{mistakes}}}\n")
    own = {
        "BROKERS": settings.brokers,
        "TOPIC_PREFIX": settings.topic_prefix,
        "WATCHLIST": str(watchlist),
        "HISTORY": "true",
    }
    topics = Topics(settings, f"{settings.topic_prefix}straymail")
    values = events(count, span_ms=SPAN_MS)
    sending = threading.Thread(target=publish, args=(settings.brokers, topics.names.events, values), daemon=True)
    with WorkerProcess(own) as worker:
        worker.wait_ready()
        sending.start()
        samples = _sample_until_processed(worker, topics, count)
        assert worker.stop() == 0, worker.log[-4000:]
    topics.close()
    return samples


def _sample_until_processed(worker: WorkerProcess, topics: Topics, count: int) -> list[MemorySample]:
    """Samples twice a second, until all events and hits are committed."""
    samples: list[MemorySample] = []
    while not samples or samples[-1].processed < count or not topics.all_committed():
        assert worker.running, worker.log[-4000:]
        samples.append(MemorySample(sum(topics.committed(topics.names.events).values()), worker.resident_kb / 1024))
        time.sleep(SAMPLE_SECONDS)
    return samples


def _mean(samples: Sequence[MemorySample], count: int, third: int) -> float:
    """The mean memory in the second (1) or the last third (2) of the events."""
    return mean(sample.mb for sample in samples if third * count <= 3 * sample.processed <= (third + 1) * count)


def _draw(samples: Sequence[MemorySample], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "straymail"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 3.2))
    axes.plot([sample.processed / 1e6 for sample in samples], [sample.mb for sample in samples], linewidth=1.5)
    axes.axhline(MOST_MB, color="tab:red", linestyle="--", linewidth=1)
    axes.text(0, MOST_MB - 18, "limit", color="tab:red")
    axes.set(xlabel="million events done", ylabel="resident memory (MB)", ylim=(0, MOST_MB + 30))
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    sys.exit(main())
