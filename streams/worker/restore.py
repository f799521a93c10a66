"""Who counts what: loads the state of the partitions that came in a rebalance, drops that of those that went."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping

from streams import clock
from streams.findings.state import PartitionState
from streams.kafka.partition import Partition

log = logging.getLogger(__name__)


class StateRestore:
    """Keeps `states` in step with the partitions held.

    State that was held before is kept only where this worker took part in every generation in between: otherwise
    another may have counted on meanwhile, and what is in memory would be behind what was published.
    """

    def __init__(
        self,
        states: MutableMapping[Partition, PartitionState],
        *,
        load: Callable[[Partition, int], PartitionState],
        committed: Callable[[Partition], Awaitable[int]],
    ) -> None:
        self._states, self._load, self._committed = states, load, committed
        self._generation = -1

    async def __call__(self, held: Iterable[Partition], generation: int) -> None:
        """Called in each rebalance, before anything of the new assignment is read."""
        mine = set(held)
        if generation != self._generation + 1:
            self._states.clear()
        for gone in set(self._states) - mine:
            del self._states[gone]
        begin, loaded = clock.monotonic(), sorted(mine - set(self._states))
        loop = asyncio.get_running_loop()
        for partition in loaded:
            start = await self._committed(partition)
            self._states[partition] = await loop.run_in_executor(None, self._load, partition, start)
        self._generation = generation
        if loaded:
            log.info("took over %d partitions of hits in %.2f s", len(loaded), clock.monotonic() - begin)
