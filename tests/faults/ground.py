"""Where a fault is played: a pipeline with topics of its own, its workers, the stream, and the judge at the end."""

from __future__ import annotations

import random
import signal
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.events.hit import Tick, encode_tick
from streams.kafka.settings import KafkaSettings
from streams.kafka.topic_admin import create_topics
from tests.faults.judge import Look, judge, look
from tests.faults.stream import Stream
from tests.pipeline.mail import WATCHLIST
from tests.pipeline.topics import Topics
from tests.pipeline.worker import WorkerProcess, wait_until

FAR_FUTURE_MS = 4_000_000_000_000
PATIENCE_S = 300.0
WORKER = ("-m", "streams", "worker")
Figures = dict[str, object]


@dataclass(frozen=True)
class Size:
    """How much of a fault is played: `times` it is repeated, over a stream of `records` that lasts `seconds`."""

    records: int
    times: int
    seconds: float


FULL, SHORT = Size(200_000, 20, 120), Size(20_000, 3, 15)


class Ground:
    """One pipeline for one scenario; everything that it starts ends with the `with` block."""

    def __init__(self, brokers: str, folder: Path, *, seed: int, size: Size, replicas: int = -1) -> None:
        self.seed, self.size, self.rng = seed, size, random.Random(seed)
        prefix = f"faults-{uuid.uuid4().hex[:8]}."
        self.settings = KafkaSettings.model_validate(
            {"brokers": brokers, "topic_prefix": prefix, "topics": {"replication_factor": replicas}}
        )
        self._watchlist = folder / f"{prefix}watchlist.yaml"
        self._looks: list[Look] = []
        self.workers: list[WorkerProcess] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._watchlist.write_text(WATCHLIST)
        create_topics(self.settings, 60)
        self.topics = Topics(self.settings, group=f"{self.settings.topic_prefix}straymail")
        self._stack.callback(self.topics.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def add_worker(self, program: tuple[str, ...] = WORKER, **settings: str) -> WorkerProcess:
        """Start one more; it is a member of the group some seconds later."""
        own = {
            "BROKERS": self.settings.brokers,
            "TOPIC_PREFIX": self.settings.topic_prefix,
            "TOPICS_CREATE": "false",
            "WATCHLIST": str(self._watchlist),
            "HISTORY": "true",
        }
        worker = self._stack.enter_context(WorkerProcess(own | settings, program))
        self.workers.append(worker)
        return worker

    def add_workers(self, count: int) -> None:
        """Start so many and wait until they are ready."""
        for worker in [self.add_worker() for _ in range(count)]:
            worker.wait_ready()

    def end_worker(self, worker: WorkerProcess, by: signal.Signals) -> None:
        """End one; asked to, it must end well."""
        self.workers.remove(worker)
        worker.send_signal(by)
        status = worker.wait(60)
        wanted = -signal.SIGKILL if by == signal.SIGKILL else 0
        assert status == wanted, f"a worker ended with {status} on {by.name}:\n{worker.log[-4000:]}"

    def any_worker(self) -> WorkerProcess:
        return self.rng.choice(self.workers)

    def stream(self, *, bad: float = 0.01) -> Stream:
        """The stream of this size, begun."""
        size = self.size
        return Stream(self.topics, seed=self.seed, records=size.records, seconds=size.seconds, bad=bad).start()

    def look(self) -> None:
        """Remember what is committed and what is published now, for the judge."""
        self._looks.append(look(self.topics))

    def finish(self, *, may_repeat: bool = True) -> Figures:
        """When all is read: end every window, wait, judge, and stop the workers, which must end well."""
        names, topics = self.topics.names, self.topics
        wait_until(topics.all_committed, seconds=PATIENCE_S, what="everything is committed")
        last = encode_tick(Tick({str(partition): FAR_FUTURE_MS for partition in topics.ends(names.events)}, 8))
        for topic in (names.typo_hits, names.typo_domains):
            topics.send_to_each_partition(topic, last)
        wait_until(topics.all_committed, seconds=PATIENCE_S, what="the last tick is committed")
        figures: Figures = dict(judge(topics, self._looks, may_repeat=may_repeat))
        for worker in list(self.workers):
            self.end_worker(worker, signal.SIGTERM)
        assert topics.nothing_left()
        return figures
