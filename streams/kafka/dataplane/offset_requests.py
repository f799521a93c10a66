"""Requests for offsets: what the group has committed, and what a partition has now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiokafka.errors import KafkaError
from faust.transport.drivers.aiokafka import ensure_aiokafka_TP
from faust.types import TP

from streams.errors import BrokerError, BrokerUnreachable
from streams.kafka.dataplane.settled_offset import CommitNote, NoteName, note_of
from streams.kafka.partition import Partition

REQUEST_SECONDS = 5.0
"""The time limit of a request."""


class OffsetRequests:
    """Asks Kafka through the clients of a consumer thread: aiokafka's, which is in the group, and the fetcher's."""

    def __init__(self, thread: Any) -> None:
        self._thread = thread

    @property
    def _consumer(self) -> Any:
        return self._thread._ensure_consumer()

    async def committed(self, tp: TP) -> int | None:
        """The group's committed offset of a partition; None where there is none. Raises BrokerUnreachable."""
        offset = await self._ask("committed offsets", self._consumer.committed, ensure_aiokafka_TP(tp))
        return None if offset is None else int(offset)

    async def committed_notes(self, name: NoteName, partitions: Iterable[TP]) -> dict[TP, CommitNote]:
        """The notes of this name beside the group's committed offsets, for each of these partitions that has one.
        Raises BrokerUnreachable."""
        tps = [ensure_aiokafka_TP(tp) for tp in partitions]
        found = await self._ask("committed offsets", self._consumer._coordinator.fetch_committed_offsets, tps)
        notes = {TP(tp.topic, tp.partition): note_of(at.metadata, name) for tp, at in found.items()}
        return {tp: note for tp, note in notes.items() if note is not None}

    async def partition_count(self, topic: str) -> int:
        """The number of partitions that a topic has, requested from the broker now. Raises BrokerError."""
        return int(await asyncio.to_thread(self._thread.reader.partition_count, topic, REQUEST_SECONDS))

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        """The first offset that exists and the one after the last record, of any topic, requested from the broker now.
        Raises BrokerError."""
        first, end = await asyncio.to_thread(self._thread.reader.watermarks, partition, REQUEST_SECONDS)
        return int(first), int(end)

    async def end(self, tp: TP) -> int:
        """The offset after everything that was written, also by transactions that are still open, requested from the
        broker now. Raises BrokerError."""
        try:
            ends = await self._ask(f"the end of {tp.topic}", self._consumer.end_offsets, [ensure_aiokafka_TP(tp)])
        except KafkaError as error:
            raise BrokerError(
                f"topic {tp.topic}, partition {tp.partition}: the request for its end failed: {error}"
            ) from error
        return int(ends[ensure_aiokafka_TP(tp)])

    async def _ask(self, what: str, request: Callable[[Any], Awaitable[Any]], about: Any) -> Any:
        """The answer to a request of aiokafka's, which by itself is repeated for as long as no broker answers."""

        async def ask() -> Any:
            return await asyncio.wait_for(request(about), REQUEST_SECONDS)

        try:
            return await self._thread.call_thread(ask)
        except TimeoutError as error:
            raise BrokerUnreachable(f"no answer within {REQUEST_SECONDS:g} s to a request for {what}") from error
