"""Watermark messages (ticks): every few seconds a worker sends the event-time watermarks of its source partitions to
every partition of the hit topics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from streams import clock
from streams.errors import BrokerError
from streams.events.hit import Tick, encode_tick
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.dataplane.assignment import Assignment
from streams.kafka.partition import Partition
from streams.worker.watermarks import SourceProgress, watermark_ms

log = logging.getLogger(__name__)

TICK_SECONDS = 5.0


class TickPublisher:
    """Sends one tick to each partition of the hit topics at each call, once the hits before it are delivered."""

    def __init__(
        self,
        assignment: Assignment,
        events_topic: str,
        progress: SourceProgress,
        producer: AsyncProducer,
        *,
        hit_topics: Mapping[str, int],
        source_partitions: int,
        history: bool,
        is_clock_right: Callable[[], Awaitable[bool]],
    ) -> None:
        """`is_clock_right` returns whether the clock agrees with the broker's: only then is a partition that is read to
        its end complete up to now."""
        self._assignment, self._topic = assignment, events_topic
        self._progress, self._producer = progress, producer
        self._hit_topics, self._history = hit_topics, history
        self._source_partitions = source_partitions
        self._is_clock_right = is_clock_right

    async def __call__(self) -> None:
        """Publish the watermarks of the source partitions assigned now; no tick where none has a watermark yet.

        The clock is read first: what arrives after the ends that are requested then is newer than that.
        """
        by_clock = await self._is_clock_right() and not self._history
        partitions = self._assignment.partitions(self._topic)
        newest_ms, now_ms = dict(self._progress.newest_ms), clock.now_ms()
        scored = {p: self._assignment.processed_to(Partition(self._topic, p)) for p in partitions}
        unacknowledged = self._assignment.unacknowledged(self._topic)
        if not partitions or not await self._count_sources():
            return
        for pending in unacknowledged:
            await pending.wait()  # no tick may overtake the hits that it covers
        asked = (self._is_read(partition, scored[partition]) for partition in partitions)
        watermarks = {
            partition: watermark_ms(newest_ms.get(partition), at_end=at_end, now_ms=now_ms, by_clock=by_clock)
            for partition, at_end in zip(partitions, await asyncio.gather(*asked), strict=True)
            if at_end is not None
        }
        marks = {str(partition): mark for partition, mark in watermarks.items() if mark is not None}
        if not marks:
            return
        value = encode_tick(Tick(marks, self._source_partitions))
        pending = self._producer.pending_acks()
        for topic, count in self._hit_topics.items():
            for partition in range(count):
                await self._producer.send(topic, value, partition=partition, pending=pending)

    async def _count_sources(self) -> bool:
        """Look for partitions that were added to the source topic, since count must wait for their mail too; False
        where Kafka doesn't answer.

        To be called after the progress and the clock were read: what is sent to partitions that are added later is
        newer.
        """
        try:
            now = await self._assignment.partition_count(self._topic)
        except BrokerError as error:
            log.warning("no watermarks: %s", error)
            return False
        if now > self._source_partitions:
            log.info(
                "topic %s has %d partitions, up from %d: windows stay open until the new ones are read",
                self._topic,
                now,
                self._source_partitions,
            )
            self._source_partitions = now
        return True

    async def _is_read(self, partition: int, scored_to: int | None) -> bool | None:
        """Whether a partition is scored to its end; None where Kafka doesn't tell its end."""
        try:
            end = await self._assignment.end(Partition(self._topic, partition))
        except BrokerError as error:
            log.warning("no watermark for partition %s of the mail events: %s", partition, error)
            return None
        return scored_to is not None and scored_to >= end
