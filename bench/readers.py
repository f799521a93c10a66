"""Readers of a stream, each in a process of its own, and their figures."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack

import orjson

from bench.cluster import SINK, Stream
from bench.engine import ALERTS_PER_HIT, ROOT, Engine
from bench.figures import Figures
from bench.process import cpu_seconds, peak_mb
from tests.pipeline.worker import WorkerProcess, wait_until

SECONDS = 600
PEER_SECONDS = 120
WORKER = ("-m", "streams", "worker")
SCORE_ALONE = ("-m", "bench.score_alone")


def settings_of(stream: Stream, group: str, **more: str) -> dict[str, str]:
    """The settings of a worker that reads the stream as history, from its beginning."""
    return {
        "BROKERS": stream.settings.brokers,
        "TOPIC_PREFIX": stream.settings.topic_prefix,
        "GROUP": group,
        "WATCHLIST": str(stream.watchlist),
        "HISTORY": "true",
        "OWN_DOMAINS": "mod.gov.uk",
        **more,
    }


def run_worker(stream: Stream, *, program: Sequence[str] = WORKER, workers: int = 1, **settings: str) -> Figures:
    """Read the whole stream with some workers. Events/s are by the timestamps of their hits; CPU is until all hits are
    counted. `settings` are further ones of each worker."""
    stream.renew()
    group = stream.group()
    topics = stream.topics(group)
    with ExitStack() as stack:
        stack.callback(topics.close)
        running = [
            stack.enter_context(WorkerProcess(settings_of(stream, group, **settings), program=program))
            for _ in range(workers)
        ]
        idle = before = 0.0
        for worker in running:
            worker.wait_ready()
            idle += cpu_seconds(worker.pid)
            before += worker.metric("straymail_events_total")  # one may have read before the others joined
        names = topics.names
        read = lambda: sum(topics.committed(names.events).values()) >= stream.count  # noqa: E731
        wait_until(read, seconds=SECONDS, what="the stream is read")
        if program == WORKER:
            wait_until(topics.all_committed, seconds=SECONDS, what="its hits are counted")
        cpu = sum(cpu_seconds(worker.pid) for worker in running) - idle
        peak = max(peak_mb(worker.pid) for worker in running)
        for worker in running:
            worker.stop()
        times = [record.timestamp_ms for record in topics.read(names.typo_hits) if record.key is not None]
    return Figures(stream.count / ((max(times) - min(times)) / 1000), cpu / (stream.count - before) * 1e6, peak)


def run_hand(stream: Stream, kind: str) -> Figures:
    """Read the stream with a hand-written loop (`bare` or `same`), which prints its figures as one JSON object."""
    source = (stream.settings.brokers, stream.events, SINK, str(stream.count), str(stream.watchlist))
    command = [sys.executable, "-m", "bench.peers.hand", *source, str(stream.verdicts), kind]
    done = subprocess.run(command, stdout=subprocess.PIPE, cwd=ROOT, timeout=PEER_SECONDS, check=True)
    found = orjson.loads(done.stdout.splitlines()[-1])
    cpu = found["cpu_seconds"] / found["events"] * 1e6
    return Figures(found["events"] / found["seconds"], cpu, found["peak_memory_mb"])


def run_engine(stream: Stream, command: Sequence[str]) -> Figures:
    """Read the whole stream with an engine. Events/s and CPU as of `run_worker`, the CPU without that before the first
    event."""
    with Engine(stream, command) as engine:
        engine.start()
        counted = lambda: engine.alerts_published() >= ALERTS_PER_HIT * len(stream.expected)  # noqa: E731
        wait_until(counted, seconds=SECONDS, what="all hits are counted")
        cpu, peak = cpu_seconds(engine.pid) - engine.cpu_seconds_before, peak_mb(engine.pid)
        times = [record.timestamp_ms for record in engine.hits()]
    return Figures(stream.count / ((max(times) - min(times)) / 1000), cpu / stream.count * 1e6, peak)
