"""The data plane: Faust's aiokafka driver keeps membership, assignor and commits; librdkafka brings the bytes, in
batches.

What the trials of it taught, each with its reason where it stands:
a ledger of delivered batches decides what is committed; each assignment has an epoch, and a batch fetched under an
older one is thrown away just before delivery; one fetch at a time; a revoke waits for the batches at work before it
commits; a stop never closes aiokafka's client under the last commit; a worker that stood still asks whether its
partitions are still its own before it publishes more.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message
from mode import Service

from streams import clock
from streams.errors import BrokerError
from streams.kafka.dataplane.batch import Batch, Epoch, split
from streams.kafka.dataplane.fetcher import Fetcher, Hole
from streams.kafka.dataplane.lease import Lease
from streams.kafka.dataplane.ledger import Ledger, in_flight, unacknowledged
from streams.kafka.dataplane.membership import CHECK_SECONDS, membership_failure
from streams.kafka.partition import Partition

log = logging.getLogger(__name__)

COMMIT_RECORDS = 2_000
"""So many records that agents are done with are committed at once; fewer wait for the next commit in time."""
UNCOMMITTED_RECORDS = 8_000
"""What a killed worker had done and not committed is done again by another one: beyond this agents wait."""
DRAIN_SECONDS = 30.0
"""A revoke waits so long for batches at work and for the broker's acknowledgements; what isn't done then is read
again."""


@dataclass(frozen=True)
class DataPlane:
    """What the transport is made with: librdkafka's settings, and who hears of what happens."""

    reader_config: Mapping[str, Any]
    on_holes: Callable[[list[Hole]], None]
    on_stale: Callable[[Partition], None]
    on_failure: Callable[[Exception], None]


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Membership by aiokafka, bytes by librdkafka; runs in Faust's consumer thread."""

    logger = logging.getLogger("faust.consumer")
    consumer: Consumer
    assigns = 0
    reread = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.assigned: tuple[int, frozenset[TP]] | None = None
        self.expected: dict[TP, int] = {}
        self._reader: Fetcher | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="kafka-bulk")
        self._one_fetch = asyncio.Lock()
        self._failed = False
        self.lease = Lease(self.app.conf.broker_session_timeout)

    async def on_start(self) -> None:
        await super().on_start()
        self._watch_coordinator(self._ensure_consumer()._coordinator)

    def _watch_coordinator(self, coordinator: Any) -> None:
        """aiokafka keeps to itself when it was last told that it is a member."""
        heartbeat, on_join = coordinator._do_heartbeat, coordinator._on_join_complete

        async def watched() -> bool:
            asked_s = clock.monotonic()
            answered = bool(await heartbeat())
            if answered:
                self.lease.renew(asked_s)
            return answered

        async def joined(*args: Any) -> None:
            self.lease.renew(clock.monotonic())
            await on_join(*args)

        coordinator._do_heartbeat, coordinator._on_join_complete = watched, joined

    def is_member(self, generation: int) -> bool:
        """False once the coordinator has said that this generation is over, for this worker at least."""
        return bool(generation == self.app.consumer_generation_id == self._ensure_consumer()._coordinator.generation)

    async def on_thread_stop(self) -> None:
        await super().on_thread_stop()
        if self._reader is not None:
            await asyncio.get_running_loop().run_in_executor(self._pool, self._reader.close)
        self._pool.shutdown(wait=False)

    async def _fetch_records(
        self, consumer: Any, active_partitions: set[TP], timeout: float | None = None, max_records: int | None = None
    ) -> dict[TP, list[Batch]]:
        async with self._one_fetch:
            if not self.consumer.flow_active:
                return {}
            await self._assign(consumer)
            with consumer._fetcher._subscriptions.fetch_context():
                pass  # tells aiokafka that the worker is alive (max.poll.interval)
            epoch, reader = self.epoch, self.reader
            try:
                fetched, holes = await asyncio.get_running_loop().run_in_executor(self._pool, reader.fetch, 0.1)
            except BrokerError as error:
                self._fail(error)
                return {}
            if holes:
                self.consumer.plane.on_holes(holes)
            return {TP(*f.partition): list(split(f.records, epoch, f.position)) for f in fetched}

    async def _assign(self, consumer: Any) -> None:
        """Point the reader at the present assignment: from the group's positions in a new generation, from what was
        delivered last where a batch went missing in this one."""
        now = (self.app.consumer_generation_id, frozenset(self.assignment()))
        if now == self.assigned and not self.reread:
            return
        if now != self.assigned:
            tps = [driver.ensure_aiokafka_TP(tp) for tp in now[1]]
            self.expected = {TP(tp.topic, tp.partition): await consumer.position(tp) for tp in tps}
            consumer.pause(*tps)  # aiokafka itself never fetches
        offsets = {Partition(*tp): offset for tp, offset in self.expected.items()}
        await asyncio.get_running_loop().run_in_executor(self._pool, self.reader.assign, offsets)
        self.assigns += 1
        self.assigned, self.reread = now, False

    @property
    def epoch(self) -> Epoch:
        """Changes with every rebalance, from its beginning, and with every assignment of the reader."""
        return self.app.consumer_generation_id, self.assigns

    @property
    def reader(self) -> Fetcher:
        if self._reader is None:
            self._reader = Fetcher(self.consumer.plane.reader_config)
        return self._reader

    @Service.task
    async def _watch_membership(self) -> None:
        """Ends the worker where its member of the group can't go on."""
        while not self.should_stop:
            await self.sleep(CHECK_SECONDS)
            failure = membership_failure(self._ensure_consumer()._coordinator, self.app.conf.id)
            if failure is not None:
                self._fail(failure)

    def _fail(self, error: BrokerError) -> None:
        """Tell the first failure to the main thread, which ends the worker."""
        if not self._failed:
            self._failed = True
            self.parent_loop.call_soon_threadsafe(self.consumer.plane.on_failure, error)

    def highwater(self, tp: TP) -> int:
        return (self.reader.high(Partition(tp.topic, tp.partition)) or 0) if self.assigned else 0

    async def committed(self, tp: TP) -> int | None:
        """The committed offset of a partition of this group; None where there is none."""
        offset = await self.call_thread(self._ensure_consumer().committed, driver.ensure_aiokafka_TP(tp))
        return None if offset is None else int(offset)

    async def watermarks(self, partition: Partition) -> tuple[int, int]:
        """The first offset that the broker has and the one after the last, asked of the broker now. Raises
        BrokerError."""
        return await asyncio.get_running_loop().run_in_executor(None, self.reader.watermarks, partition, 5)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: aiokafka's idea of a partition that it never fetches is frozen, its livelock alarm would cry
        wolf."""

    def close(self) -> None:
        """Nothing: called when a rebalance meets a stop, and closing aiokafka's client here would make the last
        commit wait for ever."""


class Consumer(driver.Consumer):
    """Faust's consumer with batches for messages and a ledger for its commits; lives in the main thread."""

    logger = logging.getLogger("faust.consumer")
    _thread: ConsumerThread

    def __init__(self, transport: Transport, *args: Any, **kwargs: Any) -> None:
        self.plane = transport.plane
        self.ledgers: defaultdict[TP, Ledger] = defaultdict(Ledger)
        self._committing = 0
        self._early_commit: asyncio.Future[Any] | None = None
        super().__init__(transport, *args, **kwargs)

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """The last look before delivery: nothing fetched under an older assignment, nothing out of line."""
        thread = self._thread
        async for tp, message in super().getmany(timeout):
            batch: Any = message.value
            if batch.epoch != thread.epoch or batch.position != thread.expected.get(tp):
                log.info("topic %s, partition %s: a stale batch at offset %s is thrown away", *tp, batch.first)
                self.plane.on_stale(Partition(tp.topic, tp.partition))
                thread.reread = True
                continue
            thread.expected[tp] = batch.last + 1
            self.ledgers[tp].add(batch)
            yield tp, message

    def _to_message(self, tp: TP, batch: Any) -> ConsumerMessage:
        generation = self.app.consumer_generation_id
        timestamp = batch.timestamp_ms / 1000
        return ConsumerMessage(
            tp.topic, tp.partition, batch.last, timestamp, 0, [], None, batch, None, 0, 0, tp, generation_id=generation
        )

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: a full stream holds the fetcher back by itself, while Faust sleeps a second where no partition is
        left."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing: see on_buffer_full."""

    async def _add_gap(self, tp: TP, start: int, end: int) -> None:
        """Nothing: the offsets between two batches' ends are the second one's."""

    def _new_offset(self, tp: TP) -> int | None:
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        ledger = self.ledgers[tp]
        before = ledger.processed
        offset = ledger.take_settled()
        self._committing += before - ledger.processed
        return offset

    async def force_commit(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(await super().force_commit(*args, **kwargs))
        finally:
            self._committing = 0

    @property
    def uncommitted(self) -> int:
        """Records that agents are done with, and whose offsets the broker doesn't have yet."""
        return self._committing + sum(ledger.processed for ledger in self.ledgers.values())

    async def wait_for_commits(self) -> None:
        """Between two batches: has much committed at once, and waits where too much isn't."""
        while self.uncommitted >= COMMIT_RECORDS:
            if self._early_commit is None or self._early_commit.done():
                self._early_commit = self.add_future(self.commit())
            if self.uncommitted < UNCOMMITTED_RECORDS or not self.flow_active or self.app.crashed:
                return
            await asyncio.sleep(0.002)

    async def still_assigned(self, generation: int) -> bool:
        """Whether what was assigned in this generation is still this worker's, so that it may publish for it.

        Waits for an answer of the coordinator where the last one is older than a session.
        """
        thread = self._thread
        while thread.is_member(generation):
            if thread.lease.is_valid(clock.monotonic()):
                return True
            await asyncio.sleep(0.02)
        return False

    @property
    def _is_over(self) -> bool:
        """Whether what is at work can't be committed any more: it is read again."""
        return bool(self.app.crashed) or not self._thread.is_member(self.app.consumer_generation_id)

    async def wait_empty(self) -> None:
        """Wait until agents are done with the batches at work and the broker has all that came of them; then commit.

        Where the worker ends for a failure, or is no member any more, nothing is waited for: what isn't done is read
        again.
        """
        end = self.loop.time() + DRAIN_SECONDS
        while in_flight(self.ledgers.values()) and not self._is_over and self.loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        for pending in [] if self._is_over else unacknowledged(self.ledgers.values()):
            left = end - self.loop.time()
            if left <= 0 or not await _within(pending.wait(), left):
                log.warning(
                    "the broker has not acknowledged everything in %s s: what is left is read again", DRAIN_SECONDS
                )
                break
        await self.commit_and_end_transactions()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Commit before the acks are dropped, and only after the batches at work are done."""
        self.stop_flow()
        self.app.flow_control.suspend()
        self.app.flow_control.clear()
        await self.wait_empty()
        await super().on_partitions_revoked(revoked)
        self.ledgers.clear()  # whatever is assigned next begins at its committed offset


async def _within(wait: Any, seconds: float) -> bool:
    try:
        await asyncio.wait_for(wait, seconds)
    except TimeoutError:
        return False
    return True


class Transport(driver.Transport):
    """Faust's aiokafka transport over the data plane. Its own producer stays idle: everything goes through
    kafka.producer."""

    Consumer = Consumer

    def __init__(self, url: Any, app: Any, plane: DataPlane) -> None:
        self.plane = plane
        super().__init__(url, app)
