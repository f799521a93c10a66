"""Decisions in Kafka, which all gates of a pipeline share, and the events of refusals."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from typing import Any

from streams import clock
from streams.counted import counted
from streams.errors import BrokerError
from streams.events.mail import MailEvent, encode
from streams.gate.confirmations import AskKey, Confirmations, StoredRecord, withdrawn_record
from streams.gate.store import NotStoredError
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.clients.table import TableChunk
from streams.kafka.topics.names import TopicNames

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0
BEAT_SECONDS = 15.0
"""How often a record is written that means nothing: so the connection stays open, which brokers end after minutes, and
the gate knows whether Kafka acknowledges in time before it is asked."""
BEAT = withdrawn_record(AskKey("0" * 32, "0"))
ANSWER_SECONDS = 2.0
FLUSH_SECONDS = 5.0
MOST_UNSENT = 10_000
"""The latest records that wait for a connection, such as what withdraws an ask: Kafka may have stored that one."""
RECORDS_AT_ONCE = 1_000
"""After so many records the event loop does something else: merging one takes some 5 us."""
NO_BROKER = "no broker can be reached"
NO_ANSWER = "Kafka acknowledges no record"


class KafkaStore:
    """A DecisionStore in mail.gate. What other gates have stored is there within a second.

    While Kafka is away nothing is stored, which `problem` says; where it refuses, this tries again: a gate is of use
    without it, since it lets mail pass.
    """

    def __init__(
        self,
        confirmations: Confirmations,
        names: TopicNames,
        config: Mapping[str, Any],
        now_ms: Callable[[], int],
        *,
        read: Callable[[], Iterator[TableChunk]],
        on_failure: Callable[[], None],
    ) -> None:
        """`config` is librdkafka's; `read` returns the chunks of mail.gate, as `read_table` does; `on_failure` is
        called for each record that the broker refuses, from another thread."""
        self.confirmations = confirmations
        self._names, self._config, self._now_ms = names, config, now_ms
        self._read, self._on_failure = read, on_failure
        self._producer: AsyncProducer | None = None
        self._problem: str | None = NO_BROKER
        self._is_answering = False
        self._sending: set[asyncio.Task[None]] = set()
        self._unsent = deque[StoredRecord](maxlen=MOST_UNSENT)

    @property
    def problem(self) -> str | None:
        producer = self._producer
        if self._problem is not None or producer is None:
            return self._problem or NO_BROKER
        if producer.broker_unreachable:
            return NO_BROKER
        return None if self._is_answering else NO_ANSWER

    async def run(self) -> None:
        while True:
            try:
                await self._session()
            except BrokerError as error:
                self._note(str(error))
            await asyncio.sleep(RETRY_SECONDS)

    async def put(self, records: Sequence[StoredRecord]) -> None:
        producer = self._producer
        if producer is None:
            raise NotStoredError(self.problem or NO_BROKER)
        pending = producer.pending_acks()
        try:
            await producer.send_all(self._names.gate, records, pending=pending)
            await pending.wait()
        except BrokerError as error:
            raise NotStoredError(str(error)) from error
        self._take(records)

    def put_later(self, records: Sequence[StoredRecord]) -> None:
        self._take(records)
        producer = self._producer
        if producer is not None:
            self._send(producer.send_all(self._names.gate, records, pending=producer.pending_acks()))
        else:
            self._unsent.extend(records)

    def publish(self, event: MailEvent) -> None:
        producer = self._producer
        if producer is not None:
            self._send(producer.send(self._names.events, encode(event), pending=producer.pending_acks()))

    async def _session(self) -> None:
        """Store and follow until Kafka refuses something. Raises BrokerError."""
        self._producer = producer = AsyncProducer(self._config, on_failure=self._on_failure)
        producer.start()
        if self._unsent:
            self._send(producer.send_all(self._names.gate, list(self._unsent), pending=producer.pending_acks()))
            self._unsent.clear()
        working = [asyncio.ensure_future(self._follow()), asyncio.ensure_future(self._beat(producer))]
        try:
            await asyncio.wait([*working, producer.failed], return_when=asyncio.FIRST_COMPLETED)
            producer.raise_failure()
            await asyncio.gather(*working)
        finally:
            for each in working:
                each.cancel()
            was_usable = self._problem is None
            self._problem, self._is_answering = self._problem or NO_BROKER, False
            if not await self._end(producer) and was_usable:
                log.warning("the broker has not acknowledged every decision and every event of a refusal")

    async def _end(self, producer: AsyncProducer) -> bool:
        """Send what is waiting, for at most some seconds; False where something was not acknowledged."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=FLUSH_SECONDS)
        self._producer = None
        return await producer.stop(FLUSH_SECONDS)

    async def _beat(self, producer: AsyncProducer) -> None:
        """Write for ever a record that means nothing, and note whether Kafka acknowledges it. Raises BrokerError."""
        while True:
            pending = producer.pending_acks()
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await producer.send_all(self._names.gate, [BEAT], pending=pending)
                    await pending.wait()
            except TimeoutError:
                self._is_answering = False
                continue
            self._is_answering = True
            next_s = clock.monotonic() + BEAT_SECONDS
            while clock.monotonic() < next_s and not producer.broker_unreachable:  # noqa: ASYNC110 - a thread sets it
                await asyncio.sleep(1)
            self._is_answering = not producer.broker_unreachable

    async def _follow(self) -> None:
        """Read mail.gate for ever, in another thread. Raises BrokerError."""
        loop, chunks = asyncio.get_running_loop(), self._read()
        begin_s, unreadable = clock.monotonic(), self.confirmations.unreadable
        while True:
            chunk = await loop.run_in_executor(None, next, chunks)
            for start in range(0, len(chunk.records), RECORDS_AT_ONCE):
                self._take((key, value) for key, value, _ in chunk.records[start : start + RECORDS_AT_ONCE])
                await asyncio.sleep(0)
            if self.confirmations.unreadable > unreadable:
                skipped, unreadable = self.confirmations.unreadable - unreadable, self.confirmations.unreadable
                log.warning("%s: %s can't be used and are skipped", self._names.gate, counted(skipped, "record"))
            if chunk.at_end and self._problem is not None:
                self._problem = None
                log.info("decisions read in %.2f s: %d", clock.monotonic() - begin_s, len(self.confirmations))

    def _take(self, records: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        for key, value in records:
            self.confirmations.take(key, value, now_ms=self._now_ms())

    def _send(self, sending: Coroutine[Any, Any, None]) -> None:
        """Send without waiting. A failure of it is one of the producer, which ends the session."""
        task = asyncio.ensure_future(_quiet(sending))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def _note(self, problem: str) -> None:
        if problem != self._problem:
            log.warning("decisions can't be stored, so that mail passes: %s", problem)
        self._problem = problem


async def _quiet(sending: Coroutine[Any, Any, None]) -> None:
    try:
        await sending
    except BrokerError as error:
        log.warning("%s", error)
