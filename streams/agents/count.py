"""The count step: hits and ticks in, state and alerts out. State reaches the broker before the alerts that rest on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from streams import clock
from streams.agents.dead_letters import DeadLetters
from streams.errors import UnreadableRecord
from streams.events.alert import Alert
from streams.events.hit import Tick, TypoHit, decode_hit_or_tick
from streams.findings.state import PartitionState
from streams.kafka.batch import Batch
from streams.kafka.producer import Delivery, Producer
from streams.metrics import Metrics

IN_FLIGHT = 64
"""So many batches may wait for the broker at once; one at a time would cost a round trip each."""


class Waiting(NamedTuple):
    """A batch whose state is on its way to the broker, and the alerts to send after it."""

    batch: Batch
    state: Delivery
    delivery: Delivery
    alerts: list[Alert]


class CountStep:
    """Counts the hits of the partitions held. `states` has one entry a partition of a hit topic, loaded at a rebalance."""

    def __init__(
        self,
        producer: Producer,
        dead_letters: DeadLetters,
        metrics: Metrics,
        *,
        state_topics: Mapping[str, str],
        alerts_topic: str,
    ) -> None:
        self._producer, self._dead_letters, self._metrics = producer, dead_letters, metrics
        self._state_topics, self._alerts_topic = state_topics, alerts_topic
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue(IN_FLIGHT)
        self.states: dict[tuple[str, int], PartitionState] = {}

    async def __call__(self, batch: Batch) -> None:
        """Apply a batch and send its state; `finish` does the rest."""
        begin = clock.monotonic()
        topic, partition = batch.topic, batch.partition
        batch.delivery = self._producer.delivery()
        records = await self._readable(batch, batch.delivery)
        outcome = self.states[topic, partition].apply(records, first_offset=batch.first, last_offset=batch.last)
        state = self._producer.delivery()
        for key, value in outcome.records:
            await self._producer.send(self._state_topics[topic], value, key=key, partition=partition, delivery=state)
        self._metrics.late_hits.inc(outcome.late)
        self._metrics.batch_events.labels("count").observe(len(batch))
        self._metrics.batch_seconds.labels("count").observe(clock.monotonic() - begin)
        await self._waiting.put(Waiting(batch, state, batch.delivery, outcome.alerts))

    async def _readable(self, batch: Batch, delivery: Delivery) -> list[TypoHit | Tick]:
        records: list[TypoHit | Tick] = []
        for index, value in enumerate(batch.values):
            try:
                records.append(decode_hit_or_tick(value))
            except UnreadableRecord as error:  # somebody else writes to our topic
                await self._dead_letters.send(batch, index, error, delivery)
        return records

    async def finish(self) -> None:
        """For ever: once a batch's state is delivered send its alerts, then acknowledge it; the ledger waits for these."""
        while True:
            batch, state, delivery, alerts = await self._waiting.get()
            await state.wait()
            for alert in alerts:
                await self._producer.send(self._alerts_topic, alert.value, key=alert.key, delivery=delivery)
                self._metrics.alerts.labels(alert.rule, alert.severity, alert.activity).inc()
            batch.ack()
