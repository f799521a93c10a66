"""The harness of a fault scenario: a pipeline with its own topics, its workers, the stream and the verification."""

from __future__ import annotations

import random
import signal
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.events.hit import Tick, encode_tick
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from tests.faults import remembering
from tests.faults.stream import SentRecord, Stream, records_of
from tests.faults.verify import DEFAULT_EXPECTATION, Expectation, Snapshot, read_events, take_snapshot, verify
from tests.pipeline.mail import WATCHLIST, mail_events
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

FAR_FUTURE_MS = 4_000_000_000_000
WORKER = ("-m", "streams", "worker")
Figures = dict[str, object]


@dataclass(frozen=True)
class Size:
    """The size of a scenario: the fault is repeated `times`, over a stream of `records` that lasts `seconds`; `many` is
    the number of records of scenarios about large amounts."""

    records: int
    times: int
    seconds: float
    many: int

    @property
    def patience_s(self) -> float:
        """How long to wait until a worker is ready, or all sent records are processed: it counts some thousand hits a
        second. The machine may be busy with much else."""
        return 300 + self.many / 1_000


FULL, SHORT = Size(200_000, 20, 120, many=1_000_000), Size(10_000, 3, 6, many=20_000)


class Harness:
    """One pipeline for one scenario; all that it starts ends with the `with` block."""

    def __init__(self, brokers: str, folder: Path, *, seed: int, size: Size, replicas: int = -1) -> None:
        self.seed, self.size, self.rng = seed, size, random.Random(seed)
        prefix = f"faults-{uuid.uuid4().hex[:8]}."
        self.settings = KafkaSettings.model_validate(
            {"brokers": brokers, "topic_prefix": prefix, "topics": {"replication_factor": replicas}}
        )
        self.watchlist, self.cue = folder / f"{prefix}watchlist.yaml", folder / f"{prefix}cue"
        self._snapshots: list[Snapshot] = []
        self._memory: dict[str, str] = {}
        self.workers: list[WorkerProcess] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.watchlist.write_text(WATCHLIST)
        self.make_topics()
        self.topics = Topics(self.settings, group=f"{self.settings.topic_prefix}straymail")
        self._stack.callback(self.topics.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def make_topics(self) -> None:
        """Create the missing topics."""
        create_topics(self.settings, 60)

    def add_worker(self, program: tuple[str, ...] = WORKER, **settings: str) -> WorkerProcess:
        """Start one more worker, without waiting until it has joined the group."""
        own = {
            "BROKERS": self.settings.brokers,
            "TOPIC_PREFIX": self.settings.topic_prefix,
            "TOPICS_CREATE": "false",
            "WATCHLIST": str(self.watchlist),
            "HISTORY": "true",
        } | self._memory
        process = WorkerProcess(own | settings, program, patience_s=self.size.patience_s)
        worker = self._stack.enter_context(process)
        self.workers.append(worker)
        return worker

    def add_workers(self, count: int, **settings: str) -> None:
        """Start `count` workers and wait until they are ready."""
        for worker in [self.add_worker(WORKER, **settings) for _ in range(count)]:
            worker.wait_ready()

    def remember(self) -> None:
        """Let all workers that are added from now on remember; they have a day to restore, before the stream."""
        self._memory = remembering.SETTINGS
        remembering.teach(self.topics)

    def end_worker(self, worker: WorkerProcess, by: signal.Signals) -> None:
        """End a worker. After SIGTERM its exit code must be 0, unless it hadn't installed its signal handlers yet."""
        self._end([worker], by)

    def stop_workers(self) -> None:
        """Stop all workers at once; the exit code of each must be 0."""
        self._end(list(self.workers), signal.SIGTERM)

    def _end(self, workers: list[WorkerProcess], by: signal.Signals) -> None:
        had_started = [bool(worker.log) for worker in workers]
        for worker in workers:
            self.workers.remove(worker)
            worker.send_signal(by)
        for worker, had in zip(workers, had_started, strict=True):
            status = worker.wait(60)
            expected = {-signal.SIGKILL} if by == signal.SIGKILL else {0} if had else {0, -by}
            assert status in expected, f"a worker ended with {status} on {by.name}:\n{worker.log[-4000:]}"

    def go_on_as_history(self, **settings: str) -> None:
        """Replace all workers by those of a history: others refuse a watermark that is ahead of the present."""
        self.stop_workers()
        self.add_workers(2, **settings)

    def any_worker(self) -> WorkerProcess:
        return self.rng.choice(self.workers)

    def records(self, *, bad: float = 0.01) -> Iterator[SentRecord]:
        """The records of the stream of this size."""
        events = mail_events(self.size.records, seed=self.seed)
        events = remembering.in_one_day(events) if self._memory else events
        return records_of(events, seed=self.seed, bad=bad)

    def stream(self, *, bad: float = 0.01) -> Stream:
        """The stream of this size, started."""
        return self.send(self.records(bad=bad))

    def send(
        self, records: Iterable[SentRecord], *, count: int = 0, seconds: float = 0, compression: str = "lz4"
    ) -> Stream:
        """A started stream of `count` records within `seconds`; by default those of the scenario's size."""
        count, seconds = count or self.size.records, seconds or self.size.seconds
        return Stream(self.topics, records, count=count, seconds=seconds, compression=compression).start()

    def take_snapshot(self) -> None:
        """Record what is committed and what is published now, for the verification."""
        self._snapshots.append(take_snapshot(self.topics))

    def wait_committed(self) -> None:
        """Wait until all records sent so far are committed, and their hits too."""
        wait_until(self.topics.all_committed, seconds=self.size.patience_s, what="everything is committed")

    def end_windows(self) -> None:
        """Once all records are processed: send a last tick that ends every window, and wait until it is processed."""
        names, topics = self.topics.names, self.topics
        self.wait_committed()
        marks = {str(partition): FAR_FUTURE_MS for partition in topics.ends(names.events)}
        last = encode_tick(Tick(marks, len(marks)))
        for topic in (names.typo_hits, names.typo_domains):
            topics.send_to_each_partition(topic, last)
        wait_until(topics.all_committed, seconds=self.size.patience_s, what="the last tick is committed")

    def peak_mb(self) -> int:
        """The highest peak of resident memory among the workers, in MB."""
        return max(worker.peak_kb for worker in self.workers) // 1024

    def finish(self, *, may_repeat: bool = True, expects: Expectation = DEFAULT_EXPECTATION) -> Figures:
        """End every window, verify the output, what is remembered included, and stop the workers, whose exit code must
        be 0."""
        self.end_windows()
        topics = self.topics
        figures: Figures = dict(verify(topics, self._snapshots, may_repeat=may_repeat, expects=expects))
        if self._memory:
            figures |= remembering.verify_memory(topics, read_events(topics).good.values(), self.workers)
        figures["peak MB"] = self.peak_mb()
        self.stop_workers()
        assert topics.nothing_left()
        return figures
