"""What this worker holds and how far it has come, as the data plane knows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from faust.types import TP

from streams.kafka.clients.async_producer import PendingAcks
from streams.kafka.dataplane.ledger import unacknowledged
from streams.kafka.partition import Partition


class Assignment:
    """A view of the group's member in a running Faust app whose transport is the data plane."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def partitions(self, topic: str) -> list[int]:
        """The partitions of a topic that this worker holds; empty while the group rebalances."""
        consumer = self._app.consumer
        if not consumer.flow_active or self._app.rebalancing:
            return []
        return sorted(tp.partition for tp in consumer.assignment() if tp.topic == topic)

    def unacknowledged(self, topic: str) -> list[PendingAcks]:
        """What finished batches of a topic led to and the broker has not acknowledged yet."""
        return unacknowledged(ledger for tp, ledger in self._app.consumer.ledgers.items() if tp.topic == topic)

    async def still_assigned(self, generation: int) -> bool:
        """Whether what was assigned in this generation may still be published for; waits where that isn't sure."""
        return bool(await self._app.consumer.still_assigned(generation))

    async def wait_for_commits(self) -> None:
        """Between two batches of an agent: waits where too much of what is done isn't committed."""
        await self._app.consumer.wait_for_commits()

    async def committed(self, partition: Partition) -> int:
        """The group's committed offset, or the first offset that there is. Raises BrokerError."""
        thread = self._app.consumer._thread
        offset = await thread.committed(TP(*partition))
        return int(offset if offset is not None else (await thread.watermarks(partition))[0])

    async def end(self, partition: Partition) -> int:
        """The offset after the last record, asked of the broker now. Raises BrokerError."""
        return int((await self._app.consumer._thread.watermarks(partition))[1])

    def lag(self) -> Iterator[tuple[Partition, int]]:
        """Records that are there and not delivered to an agent, as far as the last fetch told."""
        thread = self._app.consumer._thread
        for tp, expected in list(thread.expected.items()):
            high = thread.reader.high(Partition(*tp))
            if high is not None:
                yield Partition(*tp), max(0, high - expected)
