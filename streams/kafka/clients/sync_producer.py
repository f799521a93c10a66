"""The producer of commands: calls block, have a time limit, and count acknowledged and refused records."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import Producer as RdKafkaProducer

from streams.clock import monotonic
from streams.errors import BrokerError, StraymailError
from streams.kafka.clients.async_producer import PRODUCER_CONFIG
from streams.kafka.errors import ConnectionErrors, quiet_config, translate_errors, translated
from streams.kafka.settings import KafkaSettings

REACH_S = 15.0
SETTLE_S = 3.0
"""A topic that was just created may be unknown to some brokers for a moment."""
DELIVER_S = 60.0
BATCH_BYTES = 250_000
"""The broker refuses a whole batch for one record that is too large: one above this size gets a batch of its own."""
INVALID_RECORD = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG, KafkaError.INVALID_RECORD})
"""Errors of a single record; the other records can still be sent."""


class SyncProducer:
    """Sends to one topic, inside a `with` block, whose end waits until the broker has acknowledged all records.

    `acknowledged` counts the records that the broker has acknowledged, `refused` those that it refuses, and `refusal`
    is its reason for the first. Any other failure is a BrokerError: a missing topic, a broker that doesn't answer
    within 15 s at the start, or a record that is unacknowledged for 60 s.
    """

    def __init__(self, settings: KafkaSettings, topic: str, *, compression: str = "lz4") -> None:
        self._brokers, self._topic, self._errors = settings.brokers, topic, ConnectionErrors()
        own = {
            "linger.ms": 50,
            "batch.size": BATCH_BYTES,
            "compression.type": compression,
            "message.timeout.ms": int(DELIVER_S * 1000),
            "on_delivery": self._report,
        }
        with translate_errors(f"send to {topic}", self._brokers):
            self._producer = RdKafkaProducer({**PRODUCER_CONFIG, **quiet_config(settings, self._errors), **own})
        self._failure: KafkaError | None = None
        self._refused: list[Any] = []
        self.acknowledged = self.refused = 0
        self.refusal = ""

    def __enter__(self) -> SyncProducer:
        with translate_errors(f"send to {self._topic}", self._brokers, self._errors):
            try:
                self._find_topic(monotonic() + SETTLE_S)
            except KafkaException:
                self._producer.poll(0)  # delivers the connection errors
                raise
        return self

    def _find_topic(self, until: float) -> None:
        while error := self._producer.list_topics(self._topic, timeout=REACH_S).topics[self._topic].error:
            if monotonic() > until:
                raise KafkaException(error)
            time.sleep(0.1)

    def send(
        self,
        value: bytes | None,
        *,
        key: bytes | None = None,
        headers: Sequence[tuple[str, bytes | None]] = (),
        partition: int | None = None,
    ) -> None:
        """Queue a record for sending, to the partition of its key where `partition` is None; blocks while librdkafka's
        queue is full. Raises BrokerError."""
        optional: dict[str, Any] = {"headers": list(headers)} if headers else {}
        if partition is not None:
            optional["partition"] = partition
        while True:
            self._raise_failure()
            try:
                self._producer.produce(self._topic, value, key=key, **optional)
            except BufferError:
                self._poll(0.1)
                continue
            except KafkaException as error:
                self._poll(0)  # raises the more specific error, if there is one
                raise self._translated(error.args[0]) from error
            self._poll(0)
            return

    def _poll(self, timeout: float) -> None:
        """Serve delivery reports. librdkafka raises fatal errors only here, and passes them to no callback."""
        try:
            self._producer.poll(timeout)
        except KafkaException as error:
            raise self._translated(error.args[0]) from error

    def flush(self) -> None:
        """Wait until the broker has acknowledged or refused all queued records. Raises BrokerError as `send` does."""
        self._flush()
        self._send_again_alone()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.flush()
        else:
            self._producer.purge()
            with suppress(StraymailError):  # the error that is being raised is more specific
                self._drain(REACH_S)

    def _report(self, error: KafkaError | None, message: Any) -> None:
        if error is None:
            self.acknowledged += 1
        elif error.code() in INVALID_RECORD:
            self._refused.append(message)
            self.refusal = self.refusal or error.str()
        else:
            self._failure = self._failure or error

    def _flush(self) -> None:
        """Wait until each record is acknowledged, refused or timed out."""
        self._drain(DELIVER_S + REACH_S)
        self._raise_failure()

    def _drain(self, seconds: float) -> None:
        """Serve delivery reports until no record waits for one, at most for some seconds.

        By `poll`, which ends at a fatal error: confluent-kafka's `flush` goes on to serve delivery reports with its
        exception already set, of which Python makes a SystemError.
        """
        until = monotonic() + seconds
        while len(self._producer) and monotonic() < until:
            self._poll(0.1)

    def _send_again_alone(self) -> None:
        """Send each refused record again in a batch of its own: another record may be why its batch was refused."""
        refused, self._refused = self._refused, []
        for message in refused:
            self.send(message.value(), key=message.key(), headers=message.headers() or ())
            self._flush()
        self.refused += len(self._refused)
        self._refused = []

    def _raise_failure(self) -> None:
        if self._failure is None:
            return
        if self._failure.code() == KafkaError._MSG_TIMED_OUT:
            raise BrokerError(
                f"can't send to {self._topic}: Kafka at {self._brokers} has not acknowledged a record for "
                f"{DELIVER_S:g} s (acknowledged before: {self.acknowledged}): send all of them again once it works "
                "(a record sent twice does no harm)"
            )
        raise self._translated(self._failure)

    def _translated(self, error: KafkaError) -> StraymailError:
        return translated(error, f"send to {self._topic}", self._brokers, self._errors)
