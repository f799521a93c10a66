"""A consumer without a group: it is told what to read and from where, commits nothing, and speaks our errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from streams.clock import monotonic
from streams.kafka.errors import HANGS_UP, NO_CONNECTION, Reasons, failure, quiet_config, told
from streams.kafka.settings import KafkaSettings

Answer = TypeVar("Answer")

REQUEST_S = 15.0
POLL_S = 0.1
POLL_RECORDS = 10_000
READ_AHEAD_KB = 8 * 1024
"""librdkafka would hold 64 MB, which a reader that is slower than the network fills."""
AGAIN_S = 0.05
MOVING = frozenset(
    {
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.REPLICA_NOT_AVAILABLE,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    }
)
"""A topic was made a moment ago, or a broker went away: its metadata are ahead of what its brokers do. So is a
group's, when its first member or its coordinator came a moment ago."""
PASSING = NO_CONNECTION | HANGS_UP | MOVING | {KafkaError.GROUP_AUTHORIZATION_FAILED}
"""The client connects anew by itself, and needs no right to a group that it doesn't join."""


@dataclass(frozen=True, slots=True)
class Since:
    """From the first record of each partition whose Kafka timestamp is not before `time_ms`."""

    time_ms: int


Start = Literal["beginning", "end"] | Since | Mapping[int, int]
"""Where to begin: a mapping gives partitions their first offset, which is moved to what is there; others begin at the
beginning."""


def answered(request: Callable[[], Answer], limit_s: float) -> Answer:
    """The answer to a request about partitions or a group; asks again for `limit_s` seconds while leaders or
    coordinators come or move."""
    until = monotonic() + limit_s
    while True:
        try:
            return request()
        except KafkaException as error:
            if error.args[0].code() not in MOVING or monotonic() > until:
                raise
            time.sleep(AGAIN_S)


class PlainConsumer:
    """Reads one topic from where it is told to. All its methods block, and raise BrokerError.

    `silence_s` is how long Kafka may send nothing (not even the end of a partition) before that is an error, and the
    limit of each request. Without it silence may last for ever, and a request REQUEST_S.
    """

    def __init__(self, settings: KafkaSettings, topic: str, silence_s: float | None) -> None:
        self._topic, self._brokers, self._reasons = topic, settings.brokers, Reasons()
        self._silence_s, self._silent_s, self._limit_s = silence_s, 0.0, silence_s or REQUEST_S
        with told(self._doing, self._brokers):
            self._consumer = Consumer(
                quiet_config(settings, self._reasons)
                | {
                    "group.id": "straymail-reader",  # librdkafka wants one; no group is joined
                    "enable.auto.commit": False,
                    "enable.auto.offset.store": False,
                    "enable.partition.eof": True,
                    "auto.offset.reset": "earliest",  # what retention has cut meanwhile is passed over
                    "queued.max.messages.kbytes": READ_AHEAD_KB,
                    "fetch.queue.backoff.ms": 10,  # a full queue makes it rest for 1 s otherwise: twice as slow
                }
            )

    def __enter__(self) -> PlainConsumer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def partitions(self) -> list[int]:
        with self._told():
            found = self._consumer.list_topics(self._topic, timeout=self._limit_s).topics[self._topic]
            if found.error is not None:
                raise KafkaException(found.error)
        return sorted(found.partitions)

    def watermarks(self, partition: int) -> tuple[int, int]:
        """The first offset that is there, and the one after the last."""
        with self._told():
            marks = answered(
                lambda: self._consumer.get_watermark_offsets(
                    TopicPartition(self._topic, partition), timeout=self._limit_s
                ),
                self._limit_s,
            )
        return marks[0], marks[1]

    def offsets(self, partitions: Iterable[int], start: Start) -> dict[int, int]:
        """The first offset to read of each partition."""
        if isinstance(start, Since):
            return self._offsets_since(partitions, start.time_ms)
        marks = {partition: self.watermarks(partition) for partition in partitions}
        if start == "end":
            return {partition: high for partition, (_, high) in marks.items()}
        given = {} if start == "beginning" else start
        return {partition: min(high, max(low, given.get(partition, low))) for partition, (low, high) in marks.items()}

    def _offsets_since(self, partitions: Iterable[int], time_ms: int) -> dict[int, int]:
        asked = [TopicPartition(self._topic, partition, time_ms) for partition in partitions]
        with self._told():
            found = answered(lambda: self._at_times(asked), self._limit_s)
        return {
            each.partition: each.offset if each.offset >= 0 else self.watermarks(each.partition)[1] for each in found
        }

    def _at_times(self, asked: list[TopicPartition]) -> list[TopicPartition]:
        found = self._consumer.offsets_for_times(asked, timeout=self._limit_s)
        for each in found:
            if each.error is not None:
                raise KafkaException(each.error)
        return found

    def assign(self, offsets: Mapping[int, int]) -> None:
        with self._told():
            self._consumer.assign([TopicPartition(self._topic, *position) for position in offsets.items()])

    def pause(self, partition: int) -> None:
        with self._told():
            self._consumer.pause([TopicPartition(self._topic, partition)])

    def poll(self) -> list[Any]:
        """What has come within POLL_S: records, and ends of partitions, which are messages with an error."""
        before = monotonic()
        with self._told():
            got = [message for message in self._consumer.consume(POLL_RECORDS, POLL_S) if self._counts(message)]
        self._silent_s = 0.0 if got else self._silent_s + monotonic() - before
        if self._silence_s is not None and self._silent_s > self._silence_s:
            late = KafkaError(KafkaError._TIMED_OUT, f"nothing came for {self._silence_s:g} s")
            raise failure(late, self._doing, self._brokers, self._reasons)
        return got

    def _counts(self, message: Any) -> bool:
        """Whether it is a record or the end of a partition; raises where Kafka refuses for good."""
        error = message.error()
        if error is None or error.code() == KafkaError._PARTITION_EOF:
            return True
        if error.code() in PASSING:
            return False
        raise KafkaException(error)

    @property
    def _doing(self) -> str:
        return f"read {self._topic}"

    def _told(self) -> AbstractContextManager[None]:
        return told(self._doing, self._brokers, self._reasons, self._consumer.poll)
