"""How fast one worker reads, beside a consume loop by hand, in one run: `make bench-throughput`.

Starts Apache Kafka, publishes the stream once, then reads it again and again, the worker and the loops in turn. Prints
medians and spreads of events/s, CPU us/event and memory, and the ratios run by run; writes all figures to build/.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from bench.stream import WATCHLIST, events, publish
from streams.kafka.settings import KafkaSettings, TopicSettings
from streams.kafka.topic_admin import create_topics
from tests.broker.apache import ApacheKafka
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

SECONDS = 240
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figures:
    """One reading of the whole stream."""

    events_per_second: float
    cpu_us_per_event: float
    peak_memory_mb: float


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def peak_memory_mb(pid: int) -> float:
    """The most resident memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def run_worker(topics: Topics, watchlist: Path, count: int) -> Figures:
    """Read the stream with a worker as it is shipped, in a group of its own; timed by its hits' own timestamps."""
    before = topics.ends(topics.names.typo_hits)
    group = f"bench-{uuid.uuid4().hex[:8]}"
    settings = {
        "BROKERS": topics.settings.brokers,
        "TOPIC_PREFIX": topics.settings.topic_prefix,
        "GROUP": group,
        "WATCHLIST": str(watchlist),
        "HISTORY": "true",
        "OWN_DOMAINS": "mod.gov.uk",
    }
    own = Topics(topics.settings, topics.settings.topic_prefix + group)
    with WorkerProcess(settings) as worker:
        worker.wait_ready()
        idle = cpu_seconds(worker.pid)
        done = lambda: sum(own.committed(own.names.events).values()) == count  # noqa: E731
        wait_until(done, seconds=SECONDS, what="the stream is read")
        wait_until(own.all_committed, seconds=SECONDS, what="its hits are counted")
        cpu, memory = cpu_seconds(worker.pid) - idle, peak_memory_mb(worker.pid)
        worker.stop()
    own.close()
    times = sorted(
        record.timestamp_ms
        for record in topics.read(topics.names.typo_hits)
        if record.offset >= before[record.partition] and record.key is not None
    )
    return Figures(count / ((times[-1] - times[0]) / 1000), cpu / count * 1e6, memory)


def run_loop(topics: Topics, watchlist: Path, count: int, kind: str) -> Figures:
    """Read the stream with the loop by hand."""
    arguments = [topics.settings.brokers, topics.names.events, "bench.hits", str(count), str(watchlist), kind]
    with subprocess.Popen([sys.executable, "-m", "bench.peers.hand", *arguments], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        memory = 0.0
        line = process.stdout.readline()
        memory = peak_memory_mb(process.pid)
        process.wait(SECONDS)
    told = orjson.loads(line)
    return Figures(told["events"] / told["seconds"], told["cpu_seconds"] / told["events"] * 1e6, memory)


def spread(values: list[float], digits: int = 0) -> str:
    """Median, and the least and greatest in brackets."""
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def report(runs: dict[str, list[Figures]]) -> str:
    """The table, and the ratios of events/s and CPU run by run."""
    lines = ["| reader | events/s | CPU us/event | peak memory MB |", "|---|---|---|---|"]
    for name, figures in runs.items():
        columns = (
            spread([f.events_per_second for f in figures]),
            spread([f.cpu_us_per_event for f in figures], 1),
            spread([f.peak_memory_mb for f in figures]),
        )
        lines.append(f"| {name} | {' | '.join(columns)} |")
    for name in list(runs)[1:]:
        pairs = list(zip(runs["worker"], runs[name], strict=True))
        speed = spread([own.events_per_second / other.events_per_second for own, other in pairs], 2)
        cpu = spread([own.cpu_us_per_event / other.cpu_us_per_event for own, other in pairs], 2)
        lines.append(f"\nworker / {name}: events/s {speed}, CPU {cpu}")
    return "\n".join(lines)


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=600_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    runs: dict[str, list[Figures]] = {"worker": [], "loop by hand, same work": [], "loop by hand, bare": []}
    with ApacheKafka() as kafka, tempfile.TemporaryDirectory() as folder:
        watchlist = Path(folder) / "watchlist.yaml"
        watchlist.write_text(WATCHLIST)
        settings = KafkaSettings(brokers=kafka.bootstrap, topics=TopicSettings(events_days=3_650, hits_days=3_650))
        create_topics(settings)
        kafka.create_topics({"bench.hits": 8})
        topics = Topics(settings, "bench")
        count = publish(kafka.bootstrap, topics.names.events, events(options.events))
        for number in range(options.runs):
            runs["worker"].append(run_worker(topics, watchlist, count))
            runs["loop by hand, same work"].append(run_loop(topics, watchlist, count, "same"))
            runs["loop by hand, bare"].append(run_loop(topics, watchlist, count, "bare"))
            print(f"run {number + 1} of {options.runs} done", file=sys.stderr, flush=True)
        topics.close()
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}"
    print(f"{count:,} events, 8 partitions, {machine}\n\n{report(runs)}")
    build = Path("build")
    build.mkdir(exist_ok=True)
    figures = {name: [asdict(f) for f in found] for name, found in runs.items()}
    (build / "throughput.json").write_bytes(orjson.dumps({"machine": machine, "events": count, "runs": figures}))


if __name__ == "__main__":
    main()
