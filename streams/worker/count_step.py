"""The count step: hits and watermark messages in, state and alerts out.

The broker acknowledges the state before the alerts that depend on it are sent, and these before any later record of the
same partition is processed. A crash in between loses nothing: the restored state shows which alerts may be missing, and
they are published again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

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
"""With so many records of all partitions that wait or are at work, reading pauses. Encoded and decoded, one takes some
2 kB."""
SLICE_SECONDS = 0.02
"""After counting for so long, the event loop has its turn."""


@dataclass(slots=True, eq=False)
class _Work:
    """Batches of one partition that are counted together, and their outcomes as far as these aren't published yet."""

    partition: Partition
    state: PartitionState
    batches: list[Batch]
    dead_letters: PendingAcks
    outcomes: Iterator[Outcome]
    seconds: float = 0.0

    @property
    def generation(self) -> int:
        """The generation of the consumer group in which the batches were read."""
        return self.batches[0].epoch[0]


Round = list[tuple[_Work, Outcome]]
"""Of each partition at work, the outcome that is published next."""


class CountStep:
    """Counts the hits of the assigned partitions; `states` has one entry for each, restored at a rebalance.

    It works in rounds, each of which publishes one outcome of each partition that has any. A round waits for the broker
    twice, and what arrives meanwhile is counted together in the next one: many hits at once cost less than as many one
    by one, and no partition waits until all of another's outcomes are published.
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
        self._queues: dict[Partition, list[Batch]] = {}
        self._is_filled = asyncio.Event()
        self._working: dict[Partition, _Work] = {}
        self._generation = self._rebalances = 0
        self._busy_s = 0.0
        self._task: asyncio.Task[None] | None = None
        self.states: dict[Partition, PartitionState] = {}

    async def __call__(self, *batches: Batch) -> None:
        """Queue batches for the next round; each is acknowledged once all of its output is delivered."""
        rebalances = self._rebalances
        for batch in batches:
            while self._queued_records >= MAX_QUEUED_RECORDS:
                self._has_room.clear()
                await self._has_room.wait()
            if self._rebalances != rebalances:
                return  # what is left is read again
            self._queued_records += len(batch)
            self._generation = batch.epoch[0]
            self._queues.setdefault(Partition(batch.topic, batch.partition), []).append(batch)
            self._is_filled.set()
            if self._task is None:
                self._task = asyncio.create_task(guarded(self._run, self._on_failure))

    def rebalance(self) -> None:
        """Forget the batches that wait or are at work: they are read again. To be called in each rebalance, before
        states are restored: that of a partition at work is forgotten too, since it is ahead of what is published."""
        self._rebalances += 1
        for work in list(self._working.values()):
            self._drop(work)
        for batches in self._queues.values():
            self._release(batches)
        self._queues.clear()

    async def _run(self) -> None:
        while True:
            current = [(work, outcome) for work, outcome in await self._next_round() if self._goes_on(work)]
            if current and not await self._publish(current, self._generation):
                for work, _ in current:
                    self._drop(work)

    def _goes_on(self, work: _Work) -> bool:
        """False for what a rebalance has ended: it is read again, and its state may be another worker's by now."""
        if work.generation != self._generation:
            self._drop(work)
        return self._working.get(work.partition) is work

    async def _next_round(self) -> Round:
        """The next outcomes of what is at work, and the first ones of what waits of other partitions."""
        following: Round = []
        for work in list(self._working.values()):
            if self._goes_on(work) and (outcome := await self._advance(work)) is not None:
                following.append((work, outcome))
        if not following and not self._queues:
            self._is_filled.clear()
            await self._is_filled.wait()
        for partition in [waiting for waiting in self._queues if waiting not in self._working]:
            new = await self._begin(partition)
            if new is not None and (outcome := await self._advance(new)) is not None:
                following.append((new, outcome))
        return following

    async def _begin(self, partition: Partition) -> _Work | None:
        """Take the batches that wait of a partition; None where none of them is to be counted here.

        Those of an older generation are read again, here or by another worker.
        """
        batches, rebalances = self._queues.pop(partition, []), self._rebalances  # a rebalance empties the queues
        current = [batch for batch in batches if batch.epoch[0] == self._generation]
        if partition not in self.states or not current:
            self._release(batches)
            return None
        self._release(batches[: -len(current)])
        begin, dead_letters = clock.monotonic(), self._producer.pending_acks()
        records = [record for batch in current for record in await self._readable(batch, dead_letters)]
        state = self.states.get(partition)
        if state is None or self._rebalances != rebalances:  # a dead letter waited for the broker
            self._release(current)
            return None
        outcomes = state.apply(records, first_offset=current[0].first, last_offset=current[-1].last)
        work = _Work(partition, state, current, dead_letters, outcomes, seconds=clock.monotonic() - begin)
        self._working[partition] = work
        return work

    async def _advance(self, work: _Work) -> Outcome | None:
        """The next outcome of these batches; None after the last one, when they are acknowledged."""
        begin = clock.monotonic()
        outcome = next(work.outcomes, None)
        took_s = clock.monotonic() - begin
        work.seconds += took_s
        self._busy_s += took_s
        if outcome is None:
            self._finish(work)
        if self._busy_s > SLICE_SECONDS:
            self._busy_s = 0.0
            await asyncio.sleep(0)
        return outcome

    def _finish(self, work: _Work) -> None:
        self._metrics.batch_events.labels("count").observe(sum(map(len, work.batches)))
        self._metrics.batch_seconds.labels("count").observe(work.seconds)
        self._release(work.batches)
        del self._working[work.partition]
        for batch in work.batches:
            batch.ack(work.dead_letters, CommitNote("state_end", work.state.log_end))

    def _release(self, batches: Iterable[Batch]) -> None:
        """Make room for as many records as these batches have, which are not in any queue any more."""
        self._queued_records -= sum(map(len, batches))
        self._has_room.set()

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

    def _drop(self, work: _Work) -> None:
        """Drop the state of a partition that was reassigned: the other worker reads the unpublished records again."""
        if self._working.get(work.partition) is not work:
            return
        del self._working[work.partition]
        log.info(
            "topic %s, partition %s was assigned to another worker; its batches in flight are dropped", *work.partition
        )
        if self.states.get(work.partition) is work.state:
            del self.states[work.partition]
        self._release(work.batches)

    async def _publish(self, current: Round, generation: int) -> bool:
        """Deliver the state and the alerts of a round; False where its partitions were reassigned, so that other
        workers may have published newer ones."""
        if not await self._still_assigned(generation):
            return False
        state = self._producer.pending_acks()
        for work, outcome in current:
            topic, partition = self._state_topics[work.partition.topic], work.partition.partition
            await self._producer.send_all(topic, outcome.records, partition=partition, pending=state)
        await state.wait()
        alerts = self._producer.pending_acks()
        if not await self._still_assigned(generation):
            return False
        found = [alert for _, outcome in current for alert in outcome.alerts]
        values = [(alert.uid.encode(), alert.value) for alert in found]
        await self._producer.send_all(self._alerts_topic, values, pending=alerts)
        published = Counter((alert.rule, alert.severity, alert.activity) for alert in found if not alert.repeated)
        for (rule, severity, activity), number in published.items():
            self._metrics.alerts.labels(rule, severity.word, activity).inc(number)
        await alerts.wait()
        self._metrics.late_hits.inc(sum(outcome.late for _, outcome in current))
        self._metrics.repeated_hits.inc(sum(outcome.repeated for _, outcome in current))
        return True
