"""Sending records from a command: blocking calls, a time limit, and a count of what the broker took or refused."""

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
from streams.kafka.errors import Reasons, failure, quiet_config, told
from streams.kafka.settings import KafkaSettings

REACH_S = 15.0
SETTLE_S = 3.0
"""A topic that was made just now may be unknown to some brokers for a moment."""
DELIVER_S = 60.0
BATCH_BYTES = 250_000
"""A broker refuses a whole batch for one record that is too large: so large ones get a batch of their own."""
REFUSED_FOR_GOOD = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG, KafkaError.INVALID_RECORD})
"""What is wrong with one record, so that the others may still go."""


class SyncProducer:
    """Sends to one topic, from `__enter__` to `__exit__`, which waits until the broker has taken all.

    `taken` counts the records that the broker has acknowledged, `refused` those that it won't have, and `refusal` says
    why it refused the first. Everything else that goes wrong is a BrokerError: a topic that isn't there, a broker that
    doesn't answer within 15 s at the start or leaves a record waiting for 60 s later on.
    """

    def __init__(self, settings: KafkaSettings, topic: str, *, compression: str = "lz4") -> None:
        self._brokers, self._topic, self._reasons = settings.brokers, topic, Reasons()
        own = {
            "linger.ms": 50,
            "batch.size": BATCH_BYTES,
            "compression.type": compression,
            "message.timeout.ms": int(DELIVER_S * 1000),
            "on_delivery": self._report,
        }
        with told(f"send to {topic}", self._brokers):
            self._producer = RdKafkaProducer({**PRODUCER_CONFIG, **quiet_config(settings, self._reasons), **own})
        self._failure: KafkaError | None = None
        self._refused: list[Any] = []
        self.taken = self.refused = 0
        self.refusal = ""

    def __enter__(self) -> SyncProducer:
        with told(f"send to {self._topic}", self._brokers, self._reasons):
            try:
                self._find_topic(monotonic() + SETTLE_S)
            except KafkaException:
                self._producer.poll(0)  # hands the reasons over
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
        """Hand a record over, to the partition that its key says where none is given; blocks while librdkafka's queue
        is full."""
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
                self._poll(0)  # raises where it knows more
                raise self._told(error.args[0]) from error
            self._poll(0)
            return

    def _poll(self, timeout: float) -> None:
        """Serve the reports; librdkafka raises a fatal error here, and tells it to no callback."""
        try:
            self._producer.poll(timeout)
        except KafkaException as error:
            raise self._told(error.args[0]) from error

    def flush(self) -> None:
        """Wait until the broker has taken all that was handed over. Raises BrokerError as `send` does."""
        self._flush()
        self._send_again_alone()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.flush()
        else:
            self._producer.purge()
            with suppress(KafkaException):  # the error that is on its way says more
                self._producer.flush(REACH_S)

    def _report(self, error: KafkaError | None, message: Any) -> None:
        if error is None:
            self.taken += 1
        elif error.code() in REFUSED_FOR_GOOD:
            self._refused.append(message)
            self.refusal = self.refusal or error.str()
        else:
            self._failure = self._failure or error

    def _flush(self) -> None:
        """Each record has ended one way or the other by then."""
        try:
            self._producer.flush(DELIVER_S + REACH_S)
        except KafkaException as error:
            raise self._told(error.args[0]) from error
        self._raise_failure()

    def _send_again_alone(self) -> None:
        """What was refused may have been refused for a neighbour in its batch: only alone it is refused for good."""
        together, self._refused = self._refused, []
        for message in together:
            self.send(message.value(), key=message.key(), headers=message.headers() or ())
            self._flush()
        self.refused += len(self._refused)
        self._refused = []

    def _raise_failure(self) -> None:
        if self._failure is None:
            return
        if self._failure.code() == KafkaError._MSG_TIMED_OUT:
            raise BrokerError(
                f"can't send to {self._topic}: Kafka at {self._brokers} took {self.taken} records and left the next "
                f"waiting for {DELIVER_S:g} s: send all again when it is well (a record sent twice does no harm)"
            )
        raise self._told(self._failure)

    def _told(self, error: KafkaError) -> StraymailError:
        return failure(error, f"send to {self._topic}", self._brokers, self._reasons)
