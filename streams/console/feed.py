"""Reads mail.alerts, mail.typo-hits and mail.triage in threads of their own, and queues the items for the console."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

from streams.errors import StraymailError, UnreadableRecord
from streams.kafka.clients.read import KafkaRecord, follow
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import partition_counts

Item = TypeVar("Item")
WAITING = 2_000
"""Items in the queue at most; the reader pauses while it is full."""
PUT_SECONDS = 0.5
RETRY_SECONDS = 5.0
ANSWER_SECONDS = 5.0
STOP_SECONDS = 10.0


class TopicFeed(Generic[Item]):
    """One topic from its beginning, each record decoded by `decode`; those that give None are skipped.

    `decode` is called in the feed's thread; records for which it raises UnreadableRecord are counted in `unreadable`.
    """

    def __init__(self, settings: KafkaSettings, topic: str, decode: Callable[[bytes], Item | None]) -> None:
        self._settings, self._topic, self._decode = settings, topic, decode
        self._queue: Queue[Item] = Queue(WAITING)
        self._stop = Event()
        self._threads = [Thread(target=work, daemon=True, name=f"{topic}: {work.__name__}") for work in self._work()]
        self._read_problem = self._probe_problem = ""
        self.unreadable = 0

    @property
    def problem(self) -> str:
        """One sentence: why nothing can be read; empty while Kafka answers."""
        return self._read_problem or self._probe_problem

    @property
    def is_running(self) -> bool:
        """Whether one of its threads is alive."""
        return any(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Start reading."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop reading; returns when the connection is closed."""
        self._stop.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def take(self, most: int) -> list[Item]:
        """Remove up to `most` items from the queue and return them, oldest first; never waits."""
        taken: list[Item] = []
        try:
            while len(taken) < most:
                taken.append(self._queue.get_nowait())
        except Empty:
            pass
        return taken

    def _work(self) -> tuple[Callable[[], None], ...]:
        return self._follow, self._probe

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                self._fill_queue()
            except StraymailError as error:
                self._read_problem = str(error)
            self._stop.wait(RETRY_SECONDS)

    def _fill_queue(self) -> None:
        """Read until `stop` is called; pauses while the queue is full."""
        with closing(self._items()) as items:
            for item in items:
                while not self._stop.is_set():
                    try:
                        self._queue.put(item, timeout=PUT_SECONDS)
                        break
                    except Full:
                        continue

    def _items(self) -> Generator[Item, None, None]:
        partition_counts(self._settings, [self._topic], ANSWER_SECONDS)
        self._read_problem = ""
        for record in follow(self._settings, self._topic, start="beginning", stop=self._stop):
            item = self._item(record)
            if item is not None:
                yield item

    def _item(self, record: KafkaRecord) -> Item | None:
        if record.value is None:
            return None
        try:
            return self._decode(record.value)
        except UnreadableRecord:
            self.unreadable += 1
            return None

    def _probe(self) -> None:
        """Check now and then that Kafka answers: a follower waits silently while it doesn't."""
        while not self._stop.wait(RETRY_SECONDS):
            try:
                partition_counts(self._settings, [self._topic], ANSWER_SECONDS)
                self._probe_problem = ""
            except StraymailError as error:
                self._probe_problem = str(error)
