"""The producer of a worker, on librdkafka: it sends all hits, ticks, state, alerts and dead letters.

Faust's own producer isn't used: its flush gives up after 0.1 s, and it only logs records that it fails to write. Here a
record is retried for as long as the broker is unreachable (`message.timeout.ms` 0), and a record that the broker
refuses permanently is a failure, which ends the process before an offset that depends on it is committed.
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
from streams.kafka.clients.lost_brokers import LostBrokers
from streams.kafka.errors import NO_TOPIC, NOT_AUTHORIZED

log = logging.getLogger(__name__)

Headers = Sequence[tuple[str, str | bytes | None]]

PRODUCER_CONFIG: Mapping[str, Any] = {
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 1,  # what belongs together is sent at once
    "batch.size": 250_000,  # the broker refuses a whole batch where the batch or one record in it is too large
    "compression.type": "lz4",
    "partitioner": "murmur2_random",  # the partitioner of Kafka's Java clients
    "queue.buffering.max.kbytes": 16 * 1024,
    "message.timeout.ms": 0,
    "allow.auto.create.topics": False,
    "message.max.bytes": 1_000_000_000,  # the topic's limit applies, not the client's
}

PURGED = frozenset({KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT})
PURGE_POLLS = 50
REMEDIES = ((NOT_AUTHORIZED, "grant WRITE on it; "), (NO_TOPIC, "run `straymail topics create`; "))

TooLargeHandler = Callable[[], Awaitable[None]]
"""Called in the event loop for a record that is too large for its topic: sends a smaller one, with `replaces`."""
DeliveryReport = Callable[[KafkaError | None, Any], None]


class PendingAcks:
    """The acknowledgements that the records of one unit of work, such as a batch, still need.

    `sent` is written only by the event loop's thread and `done` only by the polling thread, so neither needs a lock.
    """

    __slots__ = ("_all_done", "_producer", "done", "sent")

    def __init__(self, producer: AsyncProducer) -> None:
        self._producer = producer
        self._all_done: asyncio.Future[None] | None = None  # shared by all waiters, such as a tick and a revocation
        self.sent = 0
        self.done = 0

    @property
    def complete(self) -> bool:
        """True when the broker has acknowledged all records sent so far."""
        return self.done == self.sent

    def __call__(
        self,
        error: KafkaError | None,
        message: Any,
        on_too_large: TooLargeHandler | None = None,
        headers: Headers | None = None,
    ) -> None:
        """Handle a delivery report of librdkafka, which has no headers; called in the polling thread."""
        if error is not None and error.code() in PURGED:
            self._producer.keep_purged(message, headers, self.report(on_too_large, headers))
            return
        if error is not None:
            self._producer.handle_refusal(error, message, on_too_large)
            return
        self.done += 1
        self._producer.broker_unreachable = False
        if self._all_done is not None and self.done == self.sent:
            self._producer.wake(self._all_done)

    def report(self, on_too_large: TooLargeHandler | None, headers: Headers | None) -> DeliveryReport:
        """What handles the delivery report of one record."""
        if on_too_large is None and headers is None:
            return self
        return partial(self, on_too_large=on_too_large, headers=headers)

    async def wait(self) -> None:
        """Return when the broker has acknowledged all records; waits as long as it is unreachable. Raises BrokerError
        where it refuses one."""
        while not self.complete:
            self._producer.raise_failure()
            if self._all_done is None or self._all_done.done():
                self._all_done = asyncio.get_running_loop().create_future()
            if not self.complete:
                await asyncio.wait({self._all_done, self._producer.failed}, return_when=asyncio.FIRST_COMPLETED)


class AsyncProducer:
    """librdkafka's producer for an asyncio program. Call `start` in the event loop, and `stop` at the end.

    `on_failure` is called in the polling thread when the broker refuses a record permanently.
    """

    def __init__(self, config: Mapping[str, Any], *, on_failure: Callable[[], None] = lambda: None) -> None:
        self._config = config
        self._connect()
        self._on_failure = on_failure
        self._stopping = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="kafka-producer-poll", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.failed: asyncio.Future[None]
        self.failure: BrokerError | None = None
        self.broker_unreachable = False
        self._tasks: set[asyncio.Future[None]] = set()
        self._purged: list[tuple[Any, Headers | None, DeliveryReport]] = []

    def _connect(self) -> None:
        self._lost_brokers = LostBrokers()
        own = {**self._lost_brokers.config, "error_cb": self._on_error}
        self._producer = RdKafkaProducer({**PRODUCER_CONFIG, **self._config, **own})

    def start(self) -> None:
        """Start the polling thread, which serves delivery reports; must be called in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self.failed = self._loop.create_future()
        self._poller.start()

    def _poll(self) -> None:
        """Serve delivery reports until `stop`. librdkafka raises fatal errors only here, and passes them to no
        callback."""
        try:
            while not self._stopping.is_set():
                self._producer.poll(0.2)
                if self._lost_brokers.found:
                    self._replace_client()
                elif self.broker_unreachable:
                    self._probe_broker()
        except KafkaException as error:
            self._fail(error.args[0])

    def _fail(self, error: KafkaError) -> None:
        remedy = ": grant WRITE on the topics that it writes to" if error.code() in NOT_AUTHORIZED else ""
        self.failure = self.failure or BrokerError(f"the producer can't continue: {error.str()}{remedy}")
        self.wake(self.failed)

    def _replace_client(self) -> None:
        """Have the event loop replace the client, so that nothing is sent meanwhile; called in the polling thread, so
        that nothing is reported either."""
        done = threading.Event()

        def replace() -> None:
            try:
                self._reconnect()
            except (BufferError, KafkaException) as error:
                self.failure = self.failure or BrokerError(f"the producer can't continue with a new client: {error}")
                self.wake(self.failed)
            finally:
                done.set()

        self.call_soon(replace)
        while not done.wait(0.2) and not self._stopping.is_set():
            pass

    def _reconnect(self) -> None:
        """Go on with a new client, which gets all that is not acknowledged, in order; raises as `produce` does.

        librdkafka keeps the order of what it purges only where it has no broker to send to.
        """
        former = self._producer
        self._connect()
        former.purge()
        for _ in range(PURGE_POLLS):
            if len(former):
                former.poll(0.1)
        if len(former):
            raise BufferError("the former one doesn't let go of its records")
        purged, self._purged = self._purged, []
        for record in purged:
            self._produce_again(*record)

    def _produce_again(self, message: Any, headers: Headers | None, report: DeliveryReport) -> None:
        partition = message.partition()
        self._producer.produce(
            message.topic(),
            message.value(),
            key=message.key(),
            partition=-1 if partition is None else partition,
            on_delivery=report,
            headers=list(headers) if headers else None,
        )

    def keep_purged(self, message: Any, headers: Headers | None, report: DeliveryReport) -> None:
        """Keep a record of the former client until the new one takes it."""
        self._purged.append((message, headers, report))

    def _probe_broker(self) -> None:
        """Ask the broker for metadata: a worker with nothing to send wouldn't notice that it is reachable again."""
        with suppress(KafkaException):  # still unreachable
            self._producer.list_topics(timeout=0.5)
            self.broker_unreachable = False

    def pending_acks(self) -> PendingAcks:
        """A new PendingAcks, without any record yet."""
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
        """Queue a record for sending; waits while librdkafka's queue is full. `pending` counts its acknowledgement.

        A record that is too large for its topic is passed to `on_too_large`; without it, that is a permanent failure.
        A smaller one sent by `on_too_large` has `replaces` set, and takes the place of the first in `pending`.
        """
        report = pending.report(on_too_large, headers)
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
            except BufferError:  # full: the broker is slow or unreachable
                self.raise_failure()
                await asyncio.sleep(0.02)
            except KafkaException as error:
                pending.sent -= not replaces
                self.raise_failure()  # a fatal error has no details here; its first report had
                raise BrokerError(f"can't send to topic {topic}: {error.args[0].str()}") from error

    async def send_all(
        self,
        topic: str,
        records: Iterable[tuple[bytes | None, bytes | None]],
        *,
        pending: PendingAcks,
        partition: int = -1,
    ) -> None:
        """Queue records (key, value) in order, each as `send` does, but without a coroutine for every one."""
        produce = self._producer.produce
        for key, value in records:
            pending.sent += 1
            try:
                produce(topic, value, key, partition, pending)
            except (BufferError, KafkaException):
                pending.sent -= 1
                await self.send(topic, value, key=key, partition=partition, pending=pending)
                produce = self._producer.produce  # the client may have been replaced

    def handle_refusal(self, error: KafkaError, message: Any, on_too_large: TooLargeHandler | None) -> None:
        """Handle a record that the broker refused permanently; called in the polling thread."""
        if on_too_large is not None and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            self.call_soon(lambda: self._keep_task(asyncio.ensure_future(on_too_large())))
            return
        self._on_failure()
        if self.failure is None:
            remedy = next((text for codes, text in REMEDIES if error.code() in codes), "")
            self.failure = BrokerError(
                f"the broker refused a record for topic {message.topic()}, partition {message.partition()}:"
                f" {error.str()}: {remedy}nothing that depends on it was committed"
            )
            log.error("%s", self.failure)
            self.wake(self.failed)

    def _keep_task(self, task: asyncio.Future[None]) -> None:
        """Reference the task until it is done: the event loop alone would let it be garbage-collected."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def raise_failure(self) -> None:
        """Raise the BrokerError of the permanent failure, if there is one."""
        if self.failure is not None:
            raise self.failure

    def wake(self, future: asyncio.Future[None]) -> None:
        """Complete a future of the event loop from another thread."""
        self.call_soon(lambda: None if future.done() else future.set_result(None))

    def call_soon(self, call: Callable[[], None]) -> None:
        """Run `call` in the event loop, from another thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    def _on_error(self, error: KafkaError) -> None:
        """librdkafka's error callback: librdkafka recovers from these errors by itself."""
        if error.code() == KafkaError._ALL_BROKERS_DOWN and not self.broker_unreachable:
            self.broker_unreachable = True
            log.warning("no broker can be reached: waiting; nothing is lost, and nothing is committed meanwhile")

    async def missing(self, topics: Iterable[str]) -> frozenset[str]:
        """The topics that don't exist according to the brokers; none as long as no broker answers."""
        loop = asyncio.get_running_loop()
        return frozenset([topic for topic in topics if await loop.run_in_executor(None, self._is_missing, topic)])

    def _is_missing(self, topic: str) -> bool:
        try:
            error = self._producer.list_topics(topic, timeout=5).topics[topic].error
        except KafkaException:
            return False
        return error is not None and error.code() in NO_TOPIC

    async def stop(self, timeout: float) -> bool:
        """Flush for at most `timeout` seconds and end; False where a record was left undelivered."""
        loop = asyncio.get_running_loop()
        try:
            left = await loop.run_in_executor(None, self._producer.flush, timeout)
        except KafkaException as error:  # fatal
            self._fail(error.args[0])
            left = len(self._producer)
        self._stopping.set()
        await loop.run_in_executor(None, self._poller.join)
        return left == 0 and self.failure is None
