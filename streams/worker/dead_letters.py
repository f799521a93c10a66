"""Sends unreadable records to mail.dead-letters, with their bytes, their origin and the reason; none is dropped."""

from __future__ import annotations

import logging
from functools import partial

from streams.errors import UnreadableRecord
from streams.events.dead_letter import DeadLetter, build_dead_letter, encode
from streams.events.dead_letter import DeadLetterContent as Keep
from streams.events.privacy import Privacy
from streams.kafka.clients.async_producer import AsyncProducer, PendingAcks
from streams.kafka.dataplane.batch import Batch
from streams.metrics import Metrics

log = logging.getLogger(__name__)

NO_LIMIT_BYTES = 1_000_000_000
"""Tried first: the broker limits the compressed batch, so it accepts a large record that compresses well."""


class DeadLetters:
    """Sends the dead letters of a process. One that is too large for the broker is cut, and its headers report that."""

    def __init__(
        self, producer: AsyncProducer, topic: str, *, keep: Keep, max_bytes: int, privacy: Privacy, metrics: Metrics
    ) -> None:
        self._producer, self._topic, self._keep, self._max_bytes = producer, topic, keep, max_bytes
        self._privacy, self._metrics = privacy, metrics

    async def send(self, batch: Batch, index: int, error: UnreadableRecord, pending: PendingAcks) -> None:
        """Send the record at `index` of the batch, which could not be decoded because of `error`."""
        letter = build_dead_letter(
            error,
            topic=batch.topic,
            partition=batch.partition,
            offset=batch.offset(index),
            time_ms=batch.record_timestamp_ms(index),
            key=batch.key(index),
            value=batch.values[index],
            privacy=self._privacy,
        )
        record = encode(letter, keep=self._keep, max_bytes=NO_LIMIT_BYTES)
        await self._producer.send(
            self._topic,
            record.value,
            key=record.key,
            headers=record.headers,
            pending=pending,
            on_too_large=partial(self._send_cut, letter, pending),
        )
        self._metrics.dead_letters.labels(error.reason).inc()
        log.warning(
            "topic %s, partition %s, offset %s is unreadable (%s): %s It was sent to %s.",
            batch.topic,
            batch.partition,
            letter.offset,
            error.reason,
            error.detail,
            self._topic,
        )

    async def _send_cut(self, letter: DeadLetter, pending: PendingAcks) -> None:
        """Send a dead letter that was too large again, cut to what its topic accepts."""
        record = encode(letter, keep=self._keep, max_bytes=self._max_bytes)
        log.warning(
            "topic %s, partition %s, offset %s is too large for %s: only %d of its %d bytes are kept there",
            letter.topic,
            letter.partition,
            letter.offset,
            self._topic,
            len(record.value or b""),
            letter.length,
        )
        await self._producer.send(
            self._topic, record.value, key=record.key, headers=record.headers, pending=pending, replaces=True
        )
