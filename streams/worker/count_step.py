"""The count step: hits and ticks in, state and alerts out.

State reaches the broker before the alerts that rest on it, and those before anything more of the same partition: a
crash in between is healed at the next start, where the state tells which alerts may be missing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping

from streams import clock
from streams.errors import UnreadableRecord
from streams.events.hit import Tick, TypoHit, decode_hit_or_tick
from streams.findings.outcome import Outcome
from streams.findings.state import PartitionState
from streams.kafka.clients.async_producer import AsyncProducer, PendingAcks
from streams.kafka.dataplane.batch import Batch
from streams.kafka.partition import Partition
from streams.metrics import Metrics
from streams.worker.background import guarded
from streams.worker.dead_letters import DeadLetters

log = logging.getLogger(__name__)

WAITING = 64
"""So many batches may wait for their partition's turn; then reading waits."""


class CountStep:
    """Counts the hits of the partitions held; `states` has one entry for each, loaded at a rebalance.

    Each partition has a task of its own, since a batch waits for the broker twice: the partitions wait at the same
    time, and what comes for one meanwhile is taken together.
    """

    def __init__(
        self,
        producer: AsyncProducer,
        dead_letters: DeadLetters,
        metrics: Metrics,
        *,
        state_topics: Mapping[str, str],
        alerts_topic: str,
        still_assigned: Callable[[int], Awaitable[bool]],
        on_failure: Callable[[Exception], None],
    ) -> None:
        """`still_assigned` says whether what was assigned in a generation of the group is still this worker's."""
        self._producer, self._dead_letters, self._metrics = producer, dead_letters, metrics
        self._state_topics, self._alerts_topic = state_topics, alerts_topic
        self._still_assigned, self._on_failure = still_assigned, on_failure
        self._room = asyncio.Semaphore(WAITING)
        self._queues: dict[Partition, asyncio.Queue[Batch]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.states: dict[Partition, PartitionState] = {}

    async def __call__(self, batch: Batch) -> None:
        """Queue a batch for its partition's task, which acknowledges it when all that it led to is delivered."""
        await self._room.acquire()
        partition = Partition(batch.topic, batch.partition)
        if partition not in self._queues:
            self._queues[partition] = asyncio.Queue()
            task = asyncio.create_task(guarded(lambda: self._work(partition), self._on_failure))
            self._tasks.add(task)
        self._queues[partition].put_nowait(batch)

    async def _work(self, partition: Partition) -> None:
        queue = self._queues[partition]
        while True:
            batches = [await queue.get()]
            while not queue.empty():
                batches.append(queue.get_nowait())
            generation = batches[-1].epoch[0]
            if partition in self.states:  # else it went to another worker, who reads them again
                await self._count(partition, [batch for batch in batches if batch.epoch[0] == generation])
            for _ in batches:
                self._room.release()

    async def _count(self, partition: Partition, batches: list[Batch]) -> None:
        begin = clock.monotonic()
        letters = self._producer.pending_acks()
        records = [record for batch in batches for record in await self._readable(batch, letters)]
        state = self.states[partition]
        seconds = clock.monotonic() - begin
        outcomes = state.apply(records, first_offset=batches[0].first, last_offset=batches[-1].last)
        while True:
            begin = clock.monotonic()
            outcome = next(outcomes, None)
            seconds += clock.monotonic() - begin
            if outcome is None:
                break
            if not await self._publish(partition, outcome, batches[-1].epoch[0]):
                self._forget(partition, state)
                return
        await letters.wait()
        for batch in batches:
            batch.ack(letters)
        self._metrics.batch_events.labels("count").observe(sum(map(len, batches)))
        self._metrics.batch_seconds.labels("count").observe(seconds)

    async def _readable(self, batch: Batch, letters: PendingAcks) -> list[TypoHit | Tick]:
        records: list[TypoHit | Tick] = []
        for index, value in enumerate(batch.values):
            try:
                records.append(decode_hit_or_tick(value))
            except UnreadableRecord as error:  # somebody else writes to our topic
                await self._dead_letters.send(batch, index, error, letters)
        return records

    def _forget(self, partition: Partition, state: PartitionState) -> None:
        """Another worker counts on: what was taken in here and not published is read again."""
        log.info("topic %s, partition %s went to another worker; what was at work is thrown away", *partition)
        if self.states.get(partition) is state:
            del self.states[partition]

    async def _publish(self, partition: Partition, outcome: Outcome, generation: int) -> bool:
        """Deliver an outcome; False where it must not be, as others have published what is newer."""
        if not await self._still_assigned(generation):
            return False
        state_topic = self._state_topics[partition.topic]
        state = self._producer.pending_acks()
        await self._producer.send_all(state_topic, outcome.records, partition=partition.partition, pending=state)
        await state.wait()
        alerts = self._producer.pending_acks()
        if not await self._still_assigned(generation):
            return False
        values = [(alert.uid.encode(), alert.value) for alert in outcome.alerts]
        await self._producer.send_all(self._alerts_topic, values, pending=alerts)
        published = Counter(
            (alert.rule, alert.severity, alert.activity) for alert in outcome.alerts if not alert.repeated
        )
        for (rule, severity, activity), number in published.items():
            self._metrics.alerts.labels(rule, severity.word, activity).inc(number)
        await alerts.wait()
        self._metrics.late_hits.inc(outcome.late)
        return True
