"""The partitions assigned to this worker, and its progress in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from faust.types import TP

from streams.kafka.clients.async_producer import PendingAcks
from streams.kafka.dataplane.ledger import unacknowledged
from streams.kafka.dataplane.offset_requests import OffsetRequests
from streams.kafka.partition import Partition


class Assignment:
    """A view of this worker's membership in the consumer group, through a Faust app whose transport is the data
    plane."""

    def __init__(self, app: Any) -> None:
        self._app = app

    @property
    def _offsets(self) -> OffsetRequests:
        requests: OffsetRequests = self._app.consumer._thread.offsets
        return requests

    def partitions(self, topic: str) -> list[int]:
        """The partitions of a topic that are assigned to this worker, sorted; none while the group rebalances."""
        consumer = self._app.consumer
        if not consumer.flow_active or self._app.rebalancing:
            return []
        return sorted(tp.partition for tp in consumer.assignment() if tp.topic == topic)

    @property
    def assigned_after(self) -> int:
        """The number of revocations before the newest assignment."""
        return int(self._app.consumer.assigned_after)

    def restored(self, assigned_after: int) -> bool:
        """Say that all is restored for what was assigned after so many revocations, so that its records may be read;
        False where there was another one meanwhile."""
        return bool(self._app.consumer.restored(assigned_after))

    def unacknowledged(self, topic: str) -> list[PendingAcks]:
        """The pending acknowledgements of the topic's processed batches."""
        return unacknowledged(ledger for tp, ledger in self._app.consumer.ledgers.items() if tp.topic == topic)

    async def still_assigned(self, generation: int) -> bool:
        """Whether the partitions assigned in this generation are still this worker's; waits while that is unknown."""
        return bool(await self._app.consumer.still_assigned(generation))

    async def wait_for_commits(self) -> None:
        """Wait, between two messages of an agent, while too many processed records are uncommitted."""
        await self._app.consumer.wait_for_commits()

    async def committed(self, partition: Partition) -> int | None:
        """The group's committed offset of an assigned partition; None where there is none. Raises BrokerError."""
        return await self._offsets.committed(TP(*partition))

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        """The first offset of a partition and the one after its last record, assigned or not. Raises BrokerError."""
        return await self._offsets.bounds(partition)

    def processed_to(self, partition: Partition) -> int | None:
        """The offset up to which a partition is processed; None while that isn't known. It is the end where the
        partition was read to its end, whatever its last offsets are (records, or control records of transactions)."""
        offset = self._app.consumer.processed_to(TP(*partition))
        return None if offset is None else int(offset)

    async def partition_count(self, topic: str) -> int:
        """The number of partitions that a topic has, assigned to this worker or not, requested from the broker now.
        Raises BrokerError."""
        return await self._offsets.partition_count(topic)

    async def restore_event_times(self, topic: str) -> dict[int, int]:
        """By assigned partition of the topic: the newest event time (ms since the epoch) before the group's committed
        offset, where it is known. To be called in each rebalance, before any record of it is read."""
        found: dict[TP, int] = await self._app.consumer.restore_notes("newest_ms", [topic])
        return {tp.partition: newest_ms for tp, newest_ms in found.items()}

    async def restore_state_ends(self, topics: Collection[str]) -> dict[Partition, int]:
        """By assigned partition of the hit topics: the least offset after all records of the state that the hits before
        the group's committed offset led to, where it is known. To be called in each rebalance, too."""
        found: dict[TP, int] = await self._app.consumer.restore_notes("state_end", topics)
        return {Partition(*tp): end for tp, end in found.items()}

    async def end(self, partition: Partition) -> int:
        """The offset after everything that was written, requested from the broker now. Raises BrokerError."""
        return await self._offsets.end(TP(*partition))

    def lag(self) -> Iterator[tuple[Partition, int]]:
        """The number of offsets of each partition that aren't delivered to an agent yet, as of the last fetch; 0 at its
        end."""
        thread = self._app.consumer._thread
        for tp, position in list(thread.positions.items()):
            high = thread.reader.high(Partition(*tp))
            if high is not None:
                yield Partition(*tp), max(0, high - position)
