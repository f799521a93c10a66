"""Restores the state of newly assigned partitions and drops that of revoked ones."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import NamedTuple

from streams import clock
from streams.findings.state import PartitionState
from streams.kafka.partition import Partition

log = logging.getLogger(__name__)


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
        """Restore and drop state for this assignment; called in each rebalance, before any record of it is read."""
        wanted = set(assigned)
        if generation != self._generation + 1:
            self._states.clear()
        for revoked in set(self._states) - wanted:
            del self._states[revoked]
        begin, missing = clock.monotonic(), sorted(wanted - set(self._states))
        loop = asyncio.get_running_loop()
        for partition in missing:
            point = await self._point(partition)
            self._states[partition] = await loop.run_in_executor(None, self._load, partition, point)
        self._generation = generation
        if missing:
            log.info("state restored in %.2f s, partitions: %d", clock.monotonic() - begin, len(missing))
