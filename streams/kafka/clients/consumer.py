"""A consumer without a group: it reads the given partitions from the given offsets, commits nothing, and raises
straymail's own errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.clock import monotonic
from streams.kafka.clients.lost_brokers import LostBrokers
from streams.kafka.errors import (
    CONNECTIONS_CLOSED,
    NO_CONNECTION,
    RETRIABLE,
    ConnectionErrors,
    quiet_config,
    translate_errors,
    translated,
)
from streams.kafka.settings import KafkaSettings

Answer = TypeVar("Answer")

REQUEST_S = 15.0
POLL_S = 0.1
POLL_RECORDS = 2_000
READ_AHEAD_KB = 8 * 1024
"""librdkafka's default is 64 MB, which a reader that is slower than the network would fill."""
RETRY_S = 0.05
TRANSIENT = NO_CONNECTION | CONNECTIONS_CLOSED | RETRIABLE | {KafkaError.GROUP_AUTHORIZATION_FAILED}
"""Errors to ignore: the client reconnects by itself, and needs no permission for a group that it doesn't join."""


@dataclass(frozen=True, slots=True)
class Since:
    """Start at the first record of each partition whose Kafka timestamp is at or after `time_ms` (ms since the
    epoch)."""

    time_ms: int


Start = Literal["beginning", "end"] | Since | Mapping[int, int]
"""Where to start reading. A mapping has the first offset by partition, which is moved into the range that exists;
partitions that it doesn't have start at the beginning."""


def has_errors(messages: Iterable[Any]) -> bool:
    """Whether any message is an error, or the end of a partition."""
    return any(map(Message.error, messages))


def with_retries(request: Callable[[], Answer], limit_s: float) -> Answer:
    """The answer to a request about partitions or a group. Retriable errors are retried for `limit_s` seconds; others
    are raised (KafkaException)."""
    until = monotonic() + limit_s
    while True:
        try:
            return request()
        except KafkaException as error:
            if error.args[0].code() not in RETRIABLE or monotonic() > until:
                raise
            time.sleep(RETRY_S)


class PlainConsumer:
    """Reads partitions of one topic from given offsets. All methods block, and raise BrokerError.

    `silence_s` is how long Kafka may send nothing (not even the end of a partition) before this is an error; it is also
    the time limit of each request. With None, silence is no error, and the limit of a request is REQUEST_S. `config` is
    further configuration of librdkafka.
    """

    def __init__(
        self, settings: KafkaSettings, topic: str, silence_s: float | None, config: Mapping[str, Any] | None = None
    ) -> None:
        self._topic, self._brokers, self._errors = topic, settings.brokers, ConnectionErrors()
        self._silence_s, self._silent_s, self._limit_s = silence_s, 0.0, silence_s or REQUEST_S
        self._config = {
            **quiet_config(settings, self._errors),
            "group.id": "straymail-reader",  # librdkafka wants one; no group is joined
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",  # records that retention has deleted meanwhile are skipped
            "queued.max.messages.kbytes": READ_AHEAD_KB,
            "fetch.queue.backoff.ms": 10,  # the default of 1 s, after a full queue, halves the speed
            **(config or {}),
        }
        self._starts: dict[int, int] = {}
        self._connect()

    def _connect(self) -> None:
        self._lost_brokers = LostBrokers()
        with translate_errors(self._action, self._brokers):
            self._consumer = Consumer({**self._config, **self._lost_brokers.config})

    def _reconnect(self) -> None:
        """Go on with a new client, from what was read last."""
        assigned = [TopicPartition(self._topic, partition) for partition in self._starts]
        with self._translate_errors():
            read = {each.partition: each.offset for each in self._consumer.position(assigned)}
        self._connect()
        self.assign({partition: max(start, read[partition]) for partition, start in self._starts.items()})

    def __enter__(self) -> PlainConsumer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._consumer.close()

    def partitions(self) -> list[int]:
        with self._translate_errors():
            found = self._consumer.list_topics(self._topic, timeout=self._limit_s).topics[self._topic]
            if found.error is not None:
                raise KafkaException(found.error)
        return sorted(found.partitions)

    def watermarks(self, partition: int) -> tuple[int, int]:
        """The first offset that exists, and the one after the last record."""
        with self._translate_errors():
            marks = with_retries(
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
        with self._translate_errors():
            found = with_retries(lambda: self._at_times(asked), self._limit_s)
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
        self._starts = dict(offsets)
        with self._translate_errors():
            self._consumer.assign([TopicPartition(self._topic, *position) for position in offsets.items()])

    def pause(self, partition: int) -> None:
        self._starts.pop(partition, None)
        with self._translate_errors():
            self._consumer.pause([TopicPartition(self._topic, partition)])

    def poll(self, seconds: float = POLL_S) -> list[Any]:
        """The messages that arrive within so many seconds: records, and ends of partitions, which are messages with an
        error."""
        if self._lost_brokers.found:
            self._reconnect()
        before = monotonic()
        with self._translate_errors():
            received = self._consumer.consume(POLL_RECORDS, seconds)
            if has_errors(received):
                received = list(filter(self._is_record_or_end, received))
        self._silent_s = 0.0 if received else self._silent_s + monotonic() - before
        if self._silence_s is not None and self._silent_s > self._silence_s:
            timeout = KafkaError(KafkaError._TIMED_OUT, f"nothing received for {self._silence_s:g} s")
            raise translated(timeout, self._action, self._brokers, self._errors)
        return received

    def _is_record_or_end(self, message: Any) -> bool:
        """Whether the message is a record or the end of a partition; raises KafkaException for a permanent error."""
        error = message.error()
        if error is None or error.code() == KafkaError._PARTITION_EOF:
            return True
        if error.code() in TRANSIENT:
            return False
        raise KafkaException(error)

    @property
    def _action(self) -> str:
        return f"read {self._topic}"

    def _translate_errors(self) -> AbstractContextManager[None]:
        return translate_errors(self._action, self._brokers, self._errors, self._consumer.poll)
