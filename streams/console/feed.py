"""Reads mail.alerts and mail.typo-hits in threads of their own, and hands over what was read when it is asked for."""

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
"""So many read items wait to be taken before the reader rests."""
ROOM_SECONDS = 0.5
LOOK_SECONDS = 5.0
ANSWER_SECONDS = 5.0
STOP_SECONDS = 10.0


class TopicFeed(Generic[Item]):
    """One topic from its beginning, each record turned into an item by `read`; None of it is left out.

    `read` is called in the feed's thread. What raises UnreadableRecord is counted in `unreadable`. `problem` says in
    one sentence why nothing can be read, and is empty while all is well.
    """

    def __init__(self, settings: KafkaSettings, topic: str, read: Callable[[bytes], Item | None]) -> None:
        self._settings, self._topic, self._read = settings, topic, read
        self._queue: Queue[Item] = Queue(WAITING)
        self._stop = Event()
        self._threads = [Thread(target=work, daemon=True, name=f"{topic}: {work.__name__}") for work in self._work()]
        self._failure = self._silence = ""
        self.unreadable = 0

    @property
    def problem(self) -> str:
        """Why nothing comes; empty where Kafka answers."""
        return self._failure or self._silence

    @property
    def is_running(self) -> bool:
        """Whether one of its threads lives."""
        return any(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Read no more; returns when the connection is closed."""
        self._stop.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def take(self, most: int) -> list[Item]:
        """What has been read since, oldest first; never waits."""
        taken: list[Item] = []
        try:
            while len(taken) < most:
                taken.append(self._queue.get_nowait())
        except Empty:
            pass
        return taken

    def _work(self) -> tuple[Callable[[], None], ...]:
        return self._follow, self._look

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                self._hand_over()
            except StraymailError as error:
                self._failure = str(error)
            self._stop.wait(LOOK_SECONDS)

    def _hand_over(self) -> None:
        """Read until told to stop; rests while nobody takes what is read."""
        with closing(self._items()) as items:
            for item in items:
                while not self._stop.is_set():
                    try:
                        self._queue.put(item, timeout=ROOM_SECONDS)
                        break
                    except Full:
                        continue

    def _items(self) -> Generator[Item, None, None]:
        partition_counts(self._settings, [self._topic], ANSWER_SECONDS)
        self._failure = ""
        for record in follow(self._settings, self._topic, start="beginning", stop=self._stop):
            item = self._item(record)
            if item is not None:
                yield item

    def _item(self, record: KafkaRecord) -> Item | None:
        if record.value is None:
            return None
        try:
            return self._read(record.value)
        except UnreadableRecord:
            self.unreadable += 1
            return None

    def _look(self) -> None:
        """Whether Kafka still answers: a reader that follows rests without a word while it doesn't."""
        while not self._stop.wait(LOOK_SECONDS):
            try:
                partition_counts(self._settings, [self._topic], ANSWER_SECONDS)
                self._silence = ""
            except StraymailError as error:
                self._silence = str(error)
