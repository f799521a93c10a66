"""The count step: hits and watermark messages in, state and alerts out.

The broker acknowledges the state before the alerts that depend on it are sent, and these before any later record of the
same partition is processed. A crash in between loses nothing: the restored state shows which alerts may be missing, and
they are published again.
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
from streams.kafka.dataplane.settled_offset import CommitNote
from streams.kafka.partition import Partition
from streams.metrics import Metrics
from streams.service.background import guarded
from streams.worker.broker_clock import ALLOWED_SKEW_MS
from streams.worker.dead_letters import DeadLetters

log = logging.getLogger(__name__)

MAX_QUEUED_RECORDS = 8_000
"""With so many records in the queues and tasks of all partitions, reading pauses. Encoded and decoded, one takes some
2 kB."""


class CountStep:
    """Counts the hits of the assigned partitions; `states` has one entry for each, restored at a rebalance.

    Each partition has its own task, since a batch waits for the broker twice: partitions wait concurrently, and batches
    that queue up for a partition meanwhile are processed together.
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
        present_ms: Callable[[], int] | None,
    ) -> None:
        """Set up without any partition; `still_assigned` returns whether the partitions assigned in a generation of the
        consumer group are still this worker's. `present_ms` returns the present (ms since the epoch); it is None in a
        history, whose last watermark message is ahead of it."""
        self._producer, self._dead_letters, self._metrics = producer, dead_letters, metrics
        self._state_topics, self._alerts_topic = state_topics, alerts_topic
        self._still_assigned, self._on_failure = still_assigned, on_failure
        self._present_ms, self._has_refused = present_ms, False
        self._queued_records, self._has_room = 0, asyncio.Event()
        self._queues: dict[Partition, asyncio.Queue[Batch]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.states: dict[Partition, PartitionState] = {}

    async def __call__(self, batch: Batch) -> None:
        """Queue a batch for the task of its partition, which acknowledges it once all of its output is delivered."""
        while self._queued_records >= MAX_QUEUED_RECORDS:
            self._has_room.clear()
            await self._has_room.wait()
        self._queued_records += len(batch)
        partition = Partition(batch.topic, batch.partition)
        if partition not in self._queues:
            self._queues[partition] = asyncio.Queue()
            task = asyncio.create_task(guarded(lambda: self._process_queue(partition), self._on_failure))
            self._tasks.add(task)
        self._queues[partition].put_nowait(batch)

    async def _process_queue(self, partition: Partition) -> None:
        queue = self._queues[partition]
        while True:
            batches = [await queue.get()]
            while not queue.empty():
                batches.append(queue.get_nowait())
            generation = batches[-1].epoch[0]
            if partition in self.states:  # otherwise it was reassigned, and the other worker reads them again
                await self._count(partition, [batch for batch in batches if batch.epoch[0] == generation])
            self._queued_records -= sum(map(len, batches))
            self._has_room.set()

    async def _count(self, partition: Partition, batches: list[Batch]) -> None:
        begin = clock.monotonic()
        dead_letters = self._producer.pending_acks()
        records = [record for batch in batches for record in await self._readable(batch, dead_letters)]
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
                self._drop_state(partition, state)
                return
        await dead_letters.wait()
        for batch in batches:
            batch.ack(dead_letters, CommitNote("state_end", state.log_end))
        self._metrics.batch_events.labels("count").observe(sum(map(len, batches)))
        self._metrics.batch_seconds.labels("count").observe(seconds)

    async def _readable(self, batch: Batch, pending: PendingAcks) -> list[TypoHit | Tick]:
        records: list[TypoHit | Tick] = []
        for index, value in enumerate(batch.values):
            try:
                record = decode_hit_or_tick(value)
                records.append(self._until_present(record, batch, index) if isinstance(record, Tick) else record)
            except UnreadableRecord as error:  # another program writes to the hit topics
                await self._dead_letters.send(batch, index, error, pending)
        return records

    def _until_present(self, tick: Tick, batch: Batch, index: int) -> Tick:
        """A watermark message without what a worker with a wrong clock has put into it.

        That is what is ahead of the time at which the broker appended the message or, in a topic that the broker
        doesn't stamp, of the present; by more than ALLOWED_SKEW_MS, since that clock may be behind as well.
        """
        if self._present_ms is None:
            return tick
        appended_ms = batch.appended_ms(index)
        known = tick.until((self._present_ms() if appended_ms is None else appended_ms) + ALLOWED_SKEW_MS)
        if known is not tick:
            self._metrics.watermarks_left_out.inc()
            if not self._has_refused:
                self._has_refused = True
                log.warning(
                    "topic %s, partition %s: the watermark message at offset %s is ahead of its time, so the clock of a"
                    " worker was wrong; such watermarks are left out",
                    batch.topic,
                    batch.partition,
                    batch.offset(index),
                )
        return known

    def _drop_state(self, partition: Partition, state: PartitionState) -> None:
        """Drop the state of a partition that was reassigned: the other worker reads the unpublished records again."""
        log.info("topic %s, partition %s was assigned to another worker; its batches in flight are dropped", *partition)
        if self.states.get(partition) is state:
            del self.states[partition]

    async def _publish(self, partition: Partition, outcome: Outcome, generation: int) -> bool:
        """Deliver the state and the alerts of an outcome; False where the partition was reassigned, so that another
        worker may have published newer ones."""
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
        self._metrics.repeated_hits.inc(outcome.repeated)
        return True
