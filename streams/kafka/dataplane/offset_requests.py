"""Requests for offsets: what the group has committed, and what a partition has now."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    KafkaError,
    NoError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest
from faust.transport.drivers.aiokafka import ensure_aiokafka_TP
from faust.types import TP

from streams.errors import BrokerError
from streams.kafka.dataplane.settled_offset import CommitNote, NoteName, note_of
from streams.kafka.partition import Partition

REQUEST_SECONDS = 5.0
"""The time limit of a request; one for committed offsets is logged after it."""

log = logging.getLogger(__name__)


def check_offset_answers(coordinator: Any) -> None:
    """Have aiokafka's coordinator raise the error of a whole answer to a request for committed offsets.

    A coordinator that has moved, or is loading its groups, answers with such an error and with no partitions, which
    aiokafka takes for a group that has committed nothing: everything would be read again.
    """
    send = coordinator._send_req

    async def checked(request: Any) -> Any:
        answer = await send(request)
        if isinstance(request, OffsetFetchRequest):
            error = for_code(getattr(answer, "error_code", NoError.errno))
            if error in (NotCoordinatorForGroupError, GroupCoordinatorNotAvailableError):
                coordinator.coordinator_dead()
            if error is not NoError:
                raise error(coordinator.group_id)  # aiokafka asks again where it may pass
        return answer

    coordinator._send_req = checked


class OffsetRequests:
    """Asks Kafka through the clients of a consumer thread: aiokafka's, which is in the group, and the fetcher's."""

    def __init__(self, thread: Any) -> None:
        self._thread, self._is_slow = thread, False

    @property
    def _consumer(self) -> Any:
        return self._thread._ensure_consumer()

    async def committed(self, tp: TP) -> int | None:
        """The group's committed offset of a partition; None where there is none."""
        offset = await self._committed(self._consumer.committed, ensure_aiokafka_TP(tp))
        return None if offset is None else int(offset)

    async def committed_notes(self, name: NoteName, partitions: Iterable[TP]) -> dict[TP, CommitNote]:
        """The notes of this name beside the group's committed offsets, for each of these partitions that has one."""
        tps = [ensure_aiokafka_TP(tp) for tp in partitions]
        found = await self._committed(self._consumer._coordinator.fetch_committed_offsets, tps)
        notes = {TP(tp.topic, tp.partition): note_of(at.metadata, name) for tp, at in found.items()}
        return {tp: note for tp, note in notes.items() if note is not None}

    async def _committed(self, request: Callable[[Any], Awaitable[Any]], about: Any) -> Any:
        """The answer to a request for committed offsets, which aiokafka repeats for as long as no broker answers; that
        is logged. It isn't asked anew: a slow coordinator would answer the former requests first."""
        answer = asyncio.ensure_future(self._thread.call_thread(request, about))
        try:
            done, _ = await asyncio.wait({answer}, timeout=REQUEST_SECONDS)
            if not done and not self._is_slow:
                log.warning("waiting for Kafka: committed offsets were asked %g s ago", REQUEST_SECONDS)
            self._is_slow = not done
            return await answer
        except KafkaError as error:
            raise BrokerError(f"the request for committed offsets failed: {error}") from error
        finally:
            answer.cancel()

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
            return int(await self._thread.call_thread(self._end, ensure_aiokafka_TP(tp)))
        except (KafkaError, TimeoutError) as error:
            where = f"topic {tp.topic}, partition {tp.partition}"
            raise BrokerError(f"{where}: the request for its end failed: {error or 'no answer in time'}") from error

    async def _end(self, tp: Any) -> int:
        ends = await asyncio.wait_for(self._consumer.end_offsets([tp]), REQUEST_SECONDS)
        return int(ends[tp])
