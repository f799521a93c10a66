"""Fetches records in bulk, with a librdkafka consumer without a group.

`consume` of librdkafka returns thousands of records at once, at about 1 us each; aiokafka takes 10 us. Membership,
offsets and commits stay with aiokafka, so this consumer only fetches.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from streams.errors import BrokerError, StraymailError
from streams.kafka.clients.consumer import with_retries
from streams.kafka.clients.lost_brokers import LostBrokers
from streams.kafka.errors import NO_TOPIC, kind
from streams.kafka.partition import Partition

log = logging.getLogger(__name__)

FETCH_RECORDS = 8_000
"""At most so many records are taken at once. A busy worker has them waiting, and what they cost together, such as for
each partition among them, is shared by more of them."""

FETCH_BYTES = 8 * 1024 * 1024
"""About this many bytes are taken from librdkafka's queue at once, estimated from the size of the last records."""

GATHER_SECONDS = 0.01
"""After the first record, a fetch waits this long for more. It adds two such waits to the latency of an alert; in a
stream that keeps a worker busy, a whole batch is there at once."""

ASK_SECONDS = 1.0

CONFIG: Mapping[str, Any] = {
    "group.id": "straymail-bulk",  # librdkafka requires one; nothing is committed under it
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",  # a gap is skipped by _skip, which logs it, never silently
    "enable.partition.eof": True,  # reports the position behind what is no record (see Fetched)
    "isolation.level": "read_committed",  # records of aborted transactions were never sent
    "fetch.wait.max.ms": 50,
    "fetch.error.backoff.ms": 100,
    "queued.max.messages.kbytes": 8 * 1024,
    # For one partition, compressed. An answer is decompressed whole, whatever room the queue has, and mail that differs
    # little is twenty times as large then. By so much one partition is also read ahead of the others.
    "fetch.message.max.bytes": 64 * 1024,
    "fetch.queue.backoff.ms": 5,  # with the default of 1 s so small a queue runs empty
}


class OffsetGap(NamedTuple):
    """Records that the broker had deleted before they were read: offsets from `expected` up to, not including,
    `low`."""

    partition: Partition
    expected: int
    low: int


class Fetched(NamedTuple):
    """Consecutive records of one partition; `position` is the offset that the fetcher wanted to read next before
    them.

    `end` is the position after them where the partition was read to its end, else None. It may be beyond the last
    record: control records of transactions, aborted records and those that retention or compaction removed take offsets
    too.
    """

    partition: Partition
    position: int
    records: Sequence[Any]
    end: int | None = None


def _ends(failed: Iterable[Any]) -> dict[Partition, int]:
    """The last position at which each partition's end was reached, among messages with an error."""
    return {
        Partition(message.topic(), message.partition()): message.offset()
        for message in failed
        if message.error().code() == KafkaError._PARTITION_EOF
    }


def _errors(failed: Iterable[Any]) -> Iterator[tuple[Partition, KafkaError]]:
    """The errors of messages that have one, each with its partition."""
    for message in failed:
        yield Partition(message.topic(), message.partition()), message.error()


def _by_partition(messages: Iterable[Any]) -> dict[Partition, list[Any]]:
    """The records of each partition, in their order.

    Records arrive in runs of one partition: C code handles each record, and Python each run.
    """
    found: dict[Partition, list[Any]] = {}
    for topic, of_topic in groupby(messages, Message.topic):
        for partition, run in groupby(of_topic, Message.partition):
            found.setdefault(Partition(topic, partition), []).extend(run)  # type: ignore[arg-type]  # None only in a Message of a test
    return found


class Fetcher:
    """Fetches records of the assigned partitions. Every method except `high` blocks, so call it in a thread."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._connect()
        self._next: dict[Partition, int] = {}
        self._count = FETCH_RECORDS
        self._logged_errors: dict[Partition, int] = {}
        self._topics: set[str] = set()

    def _connect(self) -> None:
        self._lost_brokers = LostBrokers()
        self._consumer = Consumer({**CONFIG, **self._config, **self._lost_brokers.config})

    def assign(self, offsets: Mapping[Partition, int]) -> None:
        """Read exactly these partitions from these offsets; records fetched before are dropped."""
        self._next, self._logged_errors = dict(offsets), {}
        self._consumer.assign([TopicPartition(*partition, offset) for partition, offset in offsets.items()])
        self._find_leaders({partition.topic for partition in offsets} - self._topics)

    def _find_leaders(self, topics: set[str]) -> None:
        """Request the leaders of new topics now: once it knows other topics, librdkafka does so only once a second."""
        for topic in topics:
            try:
                self._consumer.list_topics(topic, timeout=ASK_SECONDS)
            except KafkaException as error:
                log.info("topic %s: the request for its leaders failed (%s); librdkafka retries it", topic, error)
                return
            self._topics.add(topic)

    def fetch(self, timeout: float) -> tuple[list[Fetched], list[OffsetGap]]:
        """The records that arrive within `timeout` seconds and the ends that are reached, one entry per partition, and
        the gaps among them. Raises BrokerError."""
        if self._lost_brokers.found:
            self._connect()  # a request in another thread still has the former consumer
            self._topics.clear()
            self.assign(self._next)
        try:
            messages: list[Any] = self._consumer.consume(1, timeout)
            if messages and self._count > 1:
                messages += self._consumer.consume(self._count - 1, GATHER_SECONDS)
        except (KafkaException, RuntimeError) as error:
            raise BrokerError(f"reading from Kafka failed: {error}") from error
        lost: list[Partition] = []
        ends: dict[Partition, int] = {}
        if failed := list(filter(Message.error, messages)):
            ends = _ends(failed)
            lost = [partition for partition, error in _errors(failed) if self._is_lost(partition, error)]
            messages = [message for message in messages if message.error() is None]
        if messages:
            self._count = min(FETCH_RECORDS, max(1, FETCH_BYTES * len(messages) // (sum(map(len, messages)) or 1)))
        read = dict.fromkeys(ends, ()) | _by_partition(messages)
        fetched = [self._fetched(partition, records, ends.get(partition)) for partition, records in read.items()]
        return fetched, self._skip(lost) if lost else []

    def _fetched(self, partition: Partition, records: Sequence[Any], end: int | None) -> Fetched:
        position = self._next.get(partition, -1)
        after = records[-1].offset() + 1 if records else position
        if end is not None and records and end < after:  # these records were added after the end was reached
            end = None  # without records, the end fell below the position
        self._next[partition] = after if end is None else end
        return Fetched(partition, position, records, end)

    def _is_lost(self, partition: Partition, error: KafkaError) -> bool:
        """True where the broker no longer has the next offset. Other errors are logged once, or raised as
        BrokerError."""
        if error.code() == KafkaError._AUTO_OFFSET_RESET:
            return True
        if error.code() in (KafkaError._PARTITION_EOF, KafkaError.GROUP_AUTHORIZATION_FAILED):
            return False  # no error; no group is joined, so no permission for it is needed
        if error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
            raise BrokerError(f"this user may not read topic {partition.topic}: grant READ and DESCRIBE on it")
        if self._logged_errors.get(partition) != error.code():
            self._logged_errors[partition] = error.code()
            log.warning("topic %s, partition %s: %s; retrying", *partition, error.str())
        return False

    def _skip(self, partitions: list[Partition]) -> list[OffsetGap]:
        """Continue, in these partitions, at the first record that the broker still has.

        librdkafka stops reading a partition whose offset doesn't exist, and refuses to seek in it: so all partitions
        are assigned again.
        """
        lows = {partition: self.watermarks(partition, timeout=10)[0] for partition in partitions}
        self._consumer.assign([TopicPartition(*p, offset) for p, offset in (self._next | lows).items()])
        gaps = [OffsetGap(partition, self._next.get(partition, 0), low) for partition, low in lows.items()]
        for gap in gaps:
            log.error(
                "topic %s, partition %s: offset %s no longer exists (retention, or the topic was recreated);"
                " continuing at offset %s",
                *gap.partition,
                gap.expected,
                gap.low,
            )
        return gaps

    def partition_count(self, topic: str, timeout: float) -> int:
        """The number of partitions that a topic has now, requested from the broker. Raises BrokerError, also after
        `close`."""
        try:
            found = self._consumer.list_topics(topic, timeout=timeout).topics[topic]
        except (KafkaException, RuntimeError) as error:
            raise _failed(f"topic {topic}: the request for its partitions", error) from error
        if found.error is not None:
            raise _failed(f"topic {topic}: the request for its partitions", KafkaException(found.error))
        return len(found.partitions)

    def watermarks(self, partition: Partition, timeout: float) -> tuple[int, int]:
        """The first offset that exists and the one after the last record, requested from the broker; retried while the
        partition's leader moves. Raises BrokerError, also after `close`."""
        asked = TopicPartition(*partition)
        try:
            low, high = with_retries(
                lambda: self._consumer.get_watermark_offsets(asked, timeout=timeout, cached=False), timeout
            )
        except (KafkaException, RuntimeError) as error:
            if isinstance(error, KafkaException) and error.args[0].code() in NO_TOPIC:
                self.partition_count(partition.topic, timeout)  # a client whose brokers are away may say so, too
            where = f"topic {partition.topic}, partition {partition.partition}"
            raise _failed(f"{where}: the request for its offsets", error) from error
        return int(low), int(high)

    def high(self, partition: Partition) -> int | None:
        """The offset after the last record, as of the last fetch; None before the first fetch and after `close`."""
        try:
            _, high = self._consumer.get_watermark_offsets(TopicPartition(*partition), cached=True)
        except RuntimeError:  # closed, in another thread
            return None
        return int(high) if high >= 0 else None

    def close(self) -> None:
        """Stop reading and end librdkafka's threads."""
        self._consumer.close()


def _failed(request: str, error: KafkaException | RuntimeError) -> StraymailError:
    """The error of a request that failed; it isn't KafkaException after `close`."""
    if isinstance(error, KafkaException):
        return kind(error.args[0].code())(f"{request} failed: {error.args[0].str()}")
    return BrokerError(f"{request} failed: {error}")
