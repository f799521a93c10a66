"""Restores the state of newly assigned partitions and drops that of revoked ones."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import partial
from typing import NamedTuple, TypeVar

from streams import clock
from streams.errors import BrokerUnreachable, ConnectionsClosed, TopicMissing
from streams.findings.state import PartitionState
from streams.kafka.partition import Partition

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
SETTLE_SECONDS = 30.0
"""A broker that comes back may say for a moment that there is no such topic; one that is deleted stays so."""


class RestorePoint(NamedTuple):
    """Where a partition's state is restored: `start_offset` is the offset from which hits will be read,
    `earliest_offset` that of the first hit that Kafka still has, `log_end` the end of the state's topic, and
    `known_end` what that was at least when hits were committed."""

    start_offset: int
    earliest_offset: int
    log_end: int
    known_end: int


class StateRestore:
    """Keeps `states` in step with the assigned partitions.

    State in memory is reused only where this worker was a member in every generation since it was restored: otherwise
    another worker may have counted further, and the state would be older than what is published.
    """

    def __init__(
        self,
        states: MutableMapping[Partition, PartitionState],
        *,
        load: Callable[[Partition, RestorePoint], PartitionState],
        point: Callable[[Partition], Awaitable[RestorePoint]],
    ) -> None:
        self._states, self._load, self._point = states, load, point
        self._generation = -1

    async def __call__(self, assigned: Iterable[Partition], generation: int) -> None:
        """Restore and drop state for this assignment; called in each rebalance, before any record of it is read. Waits
        while Kafka can't be reached. Raises BrokerError where it refuses, or lacks a topic."""
        wanted = set(assigned)
        if generation != self._generation + 1:
            self._states.clear()
        for revoked in set(self._states) - wanted:
            del self._states[revoked]
        begin, missing = clock.monotonic(), sorted(wanted - set(self._states))
        for partition in missing:
            what = f"restore the state of {partition.topic}, {partition.partition}"
            self._states[partition] = await wait_for_answer(what, partial(self._restored, partition))
            log.debug("the state of %s, %s is restored", *partition)
        self._generation = generation
        if missing:
            log.info("state restored in %.2f s, partitions: %d", clock.monotonic() - begin, len(missing))

    async def _restored(self, partition: Partition) -> PartitionState:
        point = await self._point(partition)
        return await asyncio.to_thread(self._load, partition, point)


async def wait_for_answer(what: str, request: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer to a request, which is repeated, and logged with `what` it is for, while Kafka can't be reached.
    Raises BrokerError where it refuses, or lacks a topic."""
    is_waiting, missing_since = False, math.inf
    while True:
        try:
            return await request()
        except (BrokerUnreachable, ConnectionsClosed, TopicMissing) as error:
            now = clock.monotonic()
            missing_since = min(missing_since, now) if isinstance(error, TopicMissing) else math.inf
            if now > missing_since + SETTLE_SECONDS:
                raise
            if not is_waiting:
                log.warning("waiting for Kafka, to %s: %s", what, error)
            is_waiting = True
        await asyncio.sleep(RETRY_SECONDS)
