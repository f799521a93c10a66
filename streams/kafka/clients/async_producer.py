"""The one librdkafka producer of a process: hits, ticks, state, alerts and dead letters all go through it.

Faust's own producer isn't used: its flush gives up after 0.1 s, and what it fails to write is a line in a log. Here
a record is retried for as long as the broker is away (`message.timeout.ms` 0), and what the broker refuses for good
is a failure that ends the process before anything is committed that rests on it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import Producer as RdKafkaProducer

from streams.errors import BrokerError
from streams.kafka.errors import NO_RIGHT, NO_TOPIC

log = logging.getLogger(__name__)

Headers = Sequence[tuple[str, str | bytes | None]]

PRODUCER_CONFIG: Mapping[str, Any] = {
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 5,
    "batch.size": 250_000,  # a whole batch is refused when it outgrows the limit of its topic or of one record in it
    "compression.type": "lz4",
    "partitioner": "murmur2_random",  # as Kafka's own clients place a key
    "queue.buffering.max.kbytes": 32 * 1024,
    "message.timeout.ms": 0,
    "allow.auto.create.topics": False,
    "message.max.bytes": 1_000_000_000,  # the topic's limit decides, not the client's
}


REMEDIES = ((NO_RIGHT, "grant WRITE on it; "), (NO_TOPIC, "run `straymail topics create`; "))

TooLargeHandler = Callable[[], Awaitable[None]]
"""Called in the event loop for a record that was too large for its topic: sends another, with `replaces`."""


class PendingAcks:
    """The records that one piece of work led to, on their way to the broker.

    `sent` is written by the event loop's thread alone and `done` by the polling thread alone, so neither needs a lock.
    """

    __slots__ = ("_all_done", "_producer", "done", "sent")

    def __init__(self, producer: AsyncProducer) -> None:
        self._producer = producer
        self._all_done: asyncio.Future[None] | None = None  # one for all who wait: a tick and a revoke may both
        self.sent = 0
        self.done = 0

    @property
    def complete(self) -> bool:
        """True when the broker has acknowledged all that was sent so far."""
        return self.done == self.sent

    def __call__(self, error: KafkaError | None, message: Any, on_too_large: TooLargeHandler | None = None) -> None:
        """librdkafka's delivery report; called in the polling thread."""
        if error is not None:
            self._producer.refuse(error, message, on_too_large)
            return
        self.done += 1
        self._producer.broker_unreachable = False
        if self._all_done is not None and self.done == self.sent:
            self._producer.wake(self._all_done)

    async def wait(self) -> None:
        """Return when the broker has acknowledged all; as long as it is away this waits. Raises BrokerError on a
        refusal."""
        while not self.complete:
            self._producer.raise_failure()
            if self._all_done is None or self._all_done.done():
                self._all_done = asyncio.get_running_loop().create_future()
            if not self.complete:
                await asyncio.wait({self._all_done, self._producer.failed}, return_when=asyncio.FIRST_COMPLETED)


class AsyncProducer:
    """librdkafka's producer for an asyncio program. Call `start` in the event loop, `stop` when all is delivered."""

    def __init__(self, config: Mapping[str, Any], *, on_failure: Callable[[], None] = lambda: None) -> None:
        self._producer = RdKafkaProducer({**PRODUCER_CONFIG, **config, "error_cb": self._on_error})
        self._on_failure = on_failure
        self._stopping = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="kafka-producer-poll", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.failed: asyncio.Future[None]
        self.failure: BrokerError | None = None
        self.broker_unreachable = False
        self._tasks: set[asyncio.Future[None]] = set()

    def start(self) -> None:
        """Begin to serve delivery reports; must be called in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self.failed = self._loop.create_future()
        self._poller.start()

    def _poll(self) -> None:
        """librdkafka raises a fatal error here, and tells it to no callback."""
        try:
            while not self._stopping.is_set():
                self._producer.poll(0.2)
                if self.broker_unreachable:
                    self._look_for_broker()
        except KafkaException as error:
            self._fail(error.args[0])

    def _fail(self, error: KafkaError) -> None:
        remedy = ": grant WRITE on the topics that it writes to" if error.code() in NO_RIGHT else ""
        self.failure = self.failure or BrokerError(f"the producer can't go on: {error.str()}{remedy}")
        self.wake(self.failed)

    def _look_for_broker(self) -> None:
        """A worker with nothing to send would never learn that the broker is back."""
        with suppress(KafkaException):  # as long as it is away
            self._producer.list_topics(timeout=0.5)
            self.broker_unreachable = False

    def pending_acks(self) -> PendingAcks:
        """New, without any record yet."""
        return PendingAcks(self)

    async def send(
        self,
        topic: str,
        value: bytes | None,
        *,
        pending: PendingAcks,
        key: bytes | None = None,
        partition: int = -1,
        headers: Headers | None = None,
        on_too_large: TooLargeHandler | None = None,
        replaces: bool = False,
    ) -> None:
        """Hand a record over; waits while librdkafka's queue is full. `pending` waits for its acknowledgement.

        A record that its topic finds too large is a failure, but where there is something to send `on_too_large`.
        """
        report = pending if on_too_large is None else partial(pending, on_too_large=on_too_large)
        pending.sent += not replaces
        while True:
            try:
                self._producer.produce(
                    topic,
                    value,
                    key=key,
                    partition=partition,
                    on_delivery=report,
                    headers=list(headers) if headers else None,
                )
                return
            except BufferError:  # full: the broker is slow or away
                self.raise_failure()
                await asyncio.sleep(0.02)
            except KafkaException as error:
                pending.sent -= not replaces
                self.raise_failure()  # a fatal error says no more here than that it is one
                raise BrokerError(f"can't send to topic {topic}: {error.args[0].str()}") from error

    async def send_all(
        self,
        topic: str,
        records: Iterable[tuple[bytes | None, bytes | None]],
        *,
        pending: PendingAcks,
        partition: int = -1,
    ) -> None:
        """Hand over records (key, value), in their order, as `send` does each: without a coroutine for every one."""
        produce = self._producer.produce
        for key, value in records:
            pending.sent += 1
            try:
                produce(topic, value, key, partition, pending)
            except (BufferError, KafkaException):
                pending.sent -= 1
                await self.send(topic, value, key=key, partition=partition, pending=pending)

    def refuse(self, error: KafkaError, message: Any, on_too_large: TooLargeHandler | None) -> None:
        """A record that the broker refused for good; called in the polling thread."""
        if on_too_large is not None and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            self.call_soon(lambda: self._keep(asyncio.ensure_future(on_too_large())))
            return
        self._on_failure()
        if self.failure is None:
            remedy = next((text for codes, text in REMEDIES if error.code() in codes), "")
            self.failure = BrokerError(
                f"the broker refused a record for topic {message.topic()}, partition {message.partition()}:"
                f" {error.str()}: {remedy}nothing that rests on it was committed"
            )
            log.error("%s", self.failure)
            self.wake(self.failed)

    def _keep(self, task: asyncio.Future[None]) -> None:
        """The event loop holds tasks weakly: keep this one until it is done, and let its failure be seen."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def raise_failure(self) -> None:
        """Raise the BrokerError of a permanent failure, if there was one."""
        if self.failure is not None:
            raise self.failure

    def wake(self, future: asyncio.Future[None]) -> None:
        """Complete a future of the event loop from another thread."""
        self.call_soon(lambda: None if future.done() else future.set_result(None))

    def call_soon(self, call: Callable[[], None]) -> None:
        """Call something in the event loop, from another thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    def _on_error(self, error: KafkaError) -> None:
        """librdkafka's error callback: after what it tells here it goes on by itself."""
        if error.code() == KafkaError._ALL_BROKERS_DOWN and not self.broker_unreachable:
            self.broker_unreachable = True
            log.warning("no broker can be reached; waiting, nothing is lost and nothing is committed")

    async def missing(self, topics: Iterable[str]) -> frozenset[str]:
        """Those of the topics that the brokers say are not there; none as long as no broker answers."""
        loop = asyncio.get_running_loop()
        return frozenset([topic for topic in topics if await loop.run_in_executor(None, self._is_missing, topic)])

    def _is_missing(self, topic: str) -> bool:
        try:
            error = self._producer.list_topics(topic, timeout=5).topics[topic].error
        except KafkaException:
            return False
        return error is not None and error.code() in NO_TOPIC

    async def stop(self, timeout: float) -> bool:
        """Flush for at most `timeout` seconds and end; False where something was left undelivered."""
        loop = asyncio.get_running_loop()
        try:
            left = await loop.run_in_executor(None, self._producer.flush, timeout)
        except KafkaException as error:  # fatal
            self._fail(error.args[0])
            left = len(self._producer)
        self._stopping.set()
        await loop.run_in_executor(None, self._poller.join)
        return left == 0 and self.failure is None
