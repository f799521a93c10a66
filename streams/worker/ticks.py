"""Watermark messages (ticks): every few seconds a worker sends the event-time watermarks of its source partitions to
every partition of the hit topics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

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
    ) -> None:
        self._assignment, self._topic = assignment, events_topic
        self._progress, self._producer = progress, producer
        self._hit_topics, self._history = hit_topics, history
        self._source_partitions = source_partitions

    async def __call__(self) -> None:
        """Publish the watermarks of the source partitions assigned now; no tick where none has a watermark yet."""
        partitions = self._assignment.partitions(self._topic)
        scored = self._progress.snapshot()
        for pending in self._assignment.unacknowledged(self._topic):
            await pending.wait()  # no tick may overtake the hits that it covers
        # Concurrently: on its connection a request for offsets is answered only after the fetch request before it.
        watermarks = await asyncio.gather(*(self._watermark(partition, scored) for partition in partitions))
        marks = {str(p): mark for p, mark in zip(partitions, watermarks, strict=True) if mark is not None}
        if not marks:
            return
        value = encode_tick(Tick(marks, self._source_partitions))
        pending = self._producer.pending_acks()
        for topic, count in self._hit_topics.items():
            for partition in range(count):
                await self._producer.send(topic, value, partition=partition, pending=pending)

    async def _watermark(self, partition: int, scored: SourceProgress) -> int | None:
        now_ms = clock.now_ms()  # read before the end offset: records after that end are later than this
        try:
            end = await self._assignment.end(Partition(self._topic, partition))
            next_offset = scored.next_offset.get(partition)
            if next_offset is None:
                next_offset = await self._assignment.committed(Partition(self._topic, partition))
        except BrokerError as error:
            log.warning("no watermark for partition %s of the mail events: %s", partition, error)
            return None
        newest_ms = scored.newest_ms.get(partition)
        return watermark_ms(newest_ms, at_end=next_offset >= end, now_ms=now_ms, history=self._history)
