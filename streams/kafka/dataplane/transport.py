"""The transport of the data plane: Faust's aiokafka driver does membership, assignment and commits; librdkafka fetches
the records, in batches.

Its rules, each with its reason in the code:
- A ledger of delivered batches decides which offset is committed.
- Each assignment has an epoch; a batch fetched under an older one is dropped just before delivery.
- Only one fetch runs at a time.
- A revocation waits for the batches in flight before it commits.
- A stop never closes aiokafka's client during the last commit.
- A worker that was paused publishes nothing more until it knows that its partitions are still its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aiokafka.errors import IllegalStateError, KafkaError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message
from mode import Service

from streams import clock
from streams.errors import BrokerError
from streams.kafka.dataplane.batch import MAX_RECORDS, Batch, Epoch, PartitionEnd, split
from streams.kafka.dataplane.fetcher import Fetched, Fetcher, OffsetGap
from streams.kafka.dataplane.lease import Lease
from streams.kafka.dataplane.ledger import Ledger, in_flight, unacknowledged
from streams.kafka.dataplane.membership import CHECK_SECONDS, failure_of, membership_failure
from streams.kafka.dataplane.offset_requests import OffsetRequests, check_offset_answers
from streams.kafka.dataplane.settled_offset import NoteName, metadata_of
from streams.kafka.dataplane.static_member import StaticMember
from streams.kafka.partition import Partition

log = logging.getLogger(__name__)

COMMIT_RECORDS = 2_000
"""From this many processed records on, they are committed at once; fewer wait for the next periodic commit."""
UNCOMMITTED_RECORDS = 8_000
"""The most processed records that may be uncommitted: beyond it agents wait, since other workers process the
uncommitted records of a killed worker again."""
RETRY_SECONDS = 0.01
"""After so long a fetch asks again for its partitions, where a rebalance came between."""
DRAIN_SECONDS = 30.0
"""A revocation waits this long for batches in flight and for the broker's acknowledgements; the rest is read again."""


@dataclass(frozen=True)
class DataPlane:
    """The configuration of the transport: librdkafka's settings, the topics of one agent whose batches share messages,
    and callbacks for gaps, stale batches and failures."""

    reader_config: Mapping[str, Any]
    together: Collection[str]
    on_gaps: Callable[[list[OffsetGap]], None]
    on_stale: Callable[[Partition], None]
    on_failure: Callable[[Exception], None]


class ThreadEndedError(asyncio.CancelledError):
    """A call of Faust's consumer thread is cancelled, since that has ended."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Membership by aiokafka, records by librdkafka; runs in Faust's consumer thread."""

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
        self._static: StaticMember | None = None
        self.offsets = OffsetRequests(self)

    async def on_start(self) -> None:
        await super().on_start()
        self._reader = self._reader or Fetcher(self.consumer.plane.reader_config)
        consumer = self._ensure_consumer()
        if self.app.conf.consumer_group_instance_id is not None:
            self._static = StaticMember(consumer._coordinator, self.lease, self._fail)
        self._watch_coordinator(consumer._coordinator)
        check_offset_answers(consumer._coordinator)
        self._commit_notes(consumer)

    def _commit_notes(self, consumer: Any) -> None:
        """Let commits carry notes; Faust's driver commits empty metadata."""
        commit = consumer.commit

        async def with_notes(offsets: Mapping[Any, Any]) -> None:
            await commit({tp: at._replace(metadata=metadata_of(at.offset)) for tp, at in offsets.items()})

        consumer.commit = with_notes

    def _watch_coordinator(self, coordinator: Any) -> None:
        """Renew the lease at each heartbeat that the coordinator answers; aiokafka doesn't report when it did."""
        heartbeat, on_join = coordinator._do_heartbeat, coordinator._on_join_complete

        async def watched() -> bool:
            sent_s = clock.monotonic()
            answered = bool(await heartbeat())
            if answered:
                self.lease.renew(sent_s)
            return answered

        async def joined(*args: Any) -> None:
            self.lease.renew(clock.monotonic())
            await on_join(*args)
            if self._static is not None:
                self._static.joined()

        coordinator._do_heartbeat, coordinator._on_join_complete = watched, joined

    def is_member(self, generation: int) -> bool:
        """True as long as the coordinator hasn't ended this generation, at least for this worker."""
        return bool(generation == self.app.consumer_generation_id == self._ensure_consumer()._coordinator.generation)

    async def call_thread(self, fun: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Any:
        """Raises ThreadEndedError where the thread has ended, or ends without an answer. Faust's method would wait for
        ever then: a crash ends the thread, often before the app commits for the last time."""
        if self._shutdown.is_set():
            raise ThreadEndedError
        answer = asyncio.ensure_future(super().call_thread(fun, *args, **kwargs))
        ended = asyncio.ensure_future(self._shutdown.wait())
        try:
            await asyncio.wait((answer, ended), return_when=asyncio.FIRST_COMPLETED)
            if not answer.done() or answer.cancelled():
                raise ThreadEndedError
            return answer.result()
        finally:
            answer.cancel()
            ended.cancel()

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        try:
            return bool(await super().commit(offsets))
        except ThreadEndedError:
            return False  # the records are read again

    async def on_thread_stop(self) -> None:
        await super().on_thread_stop()
        if self._reader is not None:
            await asyncio.get_running_loop().run_in_executor(self._pool, self._reader.close)
        self._pool.shutdown(wait=False)

    async def _fetch_records(
        self, consumer: Any, active_partitions: set[TP], timeout: float | None = None, max_records: int | None = None
    ) -> dict[TP, list[Batch | PartitionEnd]]:
        async with self._one_fetch:
            if not self.consumer.flow_active:
                return {}
            if not await self._assign(consumer):
                await asyncio.sleep(RETRY_SECONDS)
                return {}
            with consumer._fetcher._subscriptions.fetch_context():
                pass  # tells aiokafka that the worker is alive (max.poll.interval)
            epoch, reader = self.epoch, self.reader
            try:
                fetched, gaps = await asyncio.get_running_loop().run_in_executor(self._pool, reader.fetch, 0.1)
            except BrokerError as error:
                self._fail(error)
                return {}
            if gaps:
                self.consumer.plane.on_gaps(gaps)
            return {TP(*f.partition): _deliveries(f, epoch) for f in fetched}

    async def _assign(self, consumer: Any) -> bool:
        """Assign the current partitions to the fetcher: from the group's positions in a new generation, from the end of
        the last delivered batch where a batch was lost in this generation. False where a rebalance has begun or ended
        meanwhile, so that they are others now."""
        now = self._in_group()
        if now == self.assigned and not self.reread:
            return True
        if now != self.assigned:
            tps = [driver.ensure_aiokafka_TP(tp) for tp in now[1]]
            try:
                expected = {TP(tp.topic, tp.partition): await consumer.position(tp) for tp in tps}
            except IllegalStateError:  # one of them isn't assigned any more
                return False
            except KafkaError as error:  # aiokafka reports here, too, what is wrong with the group
                self._report(failure_of(error, consumer._coordinator, self.app.conf.id))
                return False
            if now != self._in_group():
                return False
            self.expected = expected
        offsets = {Partition(*tp): offset for tp, offset in self.expected.items()}
        await asyncio.get_running_loop().run_in_executor(self._pool, self.reader.assign, offsets)
        self.assigns += 1
        self.assigned, self.reread = now, False
        return now == self._in_group()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Pause the new partitions before aiokafka knows where they begin: it never fetches any, or it would skip, and
        tell nobody, what retention has deleted."""
        self._ensure_consumer().pause(*map(driver.ensure_aiokafka_TP, assigned))
        await super().on_partitions_assigned(assigned, generation_id)

    def _in_group(self) -> tuple[int, frozenset[TP]]:
        """The group's generation, and the partitions that it has assigned to this worker."""
        return self.app.consumer_generation_id, frozenset(self.assignment())

    @property
    def positions(self) -> Mapping[TP, int]:
        """The offset after the last delivered batch of each assigned partition, or its end where that is reached; empty
        until the fetcher has the partitions of this generation."""
        current = self.assigned is not None and self.assigned[0] == self.app.consumer_generation_id
        return self.expected if current else {}

    @property
    def epoch(self) -> Epoch:
        """The current epoch; it changes at the beginning of every rebalance, and with every assignment of the
        fetcher."""
        return self.app.consumer_generation_id, self.assigns

    @property
    def reader(self) -> Fetcher:
        if self._reader is None:
            self._reader = Fetcher(self.consumer.plane.reader_config)
        return self._reader

    @Service.task
    async def _watch_membership(self) -> None:
        """End the worker when its membership in the group has failed."""
        while not self.should_stop:
            await self.sleep(CHECK_SECONDS)
            self._report(membership_failure(self._ensure_consumer()._coordinator, self.app.conf.id))

    def _report(self, failure: BrokerError | None) -> None:
        if failure is not None:
            self._fail(failure)

    def _fail(self, error: BrokerError) -> None:
        """Report the first failure to the main thread, which ends the worker."""
        if not self._failed:
            self._failed = True
            self.parent_loop.call_soon_threadsafe(self.consumer.plane.on_failure, error)

    def highwater(self, tp: TP) -> int:
        return (self.reader.high(Partition(tp.topic, tp.partition)) or 0) if self.assigned else 0

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Do nothing: aiokafka never fetches these partitions, so Faust's livelock warning would always be false."""

    def close(self) -> None:
        """Do nothing: this is called when a rebalance coincides with a stop, and closing aiokafka's client here would
        block the last commit forever."""


_Read = tuple[TP, Any]
"""A partition, and Faust's message with one of its batches, or with its end."""


class Consumer(driver.Consumer):
    """Faust's consumer, with lists of batches as messages and a ledger for its commits; runs in the main thread."""

    logger = logging.getLogger("faust.consumer")
    _thread: ConsumerThread

    def __init__(self, transport: Transport, *args: Any, **kwargs: Any) -> None:
        self.plane = transport.plane
        self.ledgers: defaultdict[TP, Ledger] = defaultdict(Ledger)
        self._committing = 0
        self._early_commit: asyncio.Future[Any] | None = None
        self.revocations = self.assigned_after = 0
        self._restored_after: int | None = None
        super().__init__(transport, *args, **kwargs)

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """Deliver the fetched batches, except those of an older assignment and those after a lost batch.

        A message's value is a list of batches, since Faust takes as long for a message as a step for dozens of records:
        those of the topics in `together`, of at most MAX_RECORDS records, and each of the others on its own.
        """
        together: deque[_Read] = deque()
        apart: deque[_Read] = deque()
        async for tp, message in super().getmany(timeout):
            (together if tp.topic in self.plane.together else apart).append((tp, message))
        for waiting, most in ((together, MAX_RECORDS), (apart, 0)):
            while self.flow_active and (taken := self._take(waiting, most)):  # without flow the rest is read again
                tp, carrier = taken[0]
                carrier.value = [message.value for _, message in taken]
                yield tp, carrier

    def _take(self, waiting: deque[_Read], most: int) -> list[_Read]:
        """Remove batches up to so many records, or a larger one, with the stale ones and ends between them; those that
        are to be delivered."""
        taken: list[_Read] = []
        records = 0
        while waiting:
            tp, message = waiting[0]
            size = len(message.value) if isinstance(message.value, Batch) else 0
            if taken and records + size > most:
                break
            waiting.popleft()
            if self._accept(tp, message.value):
                taken.append((tp, message))
                records += size
        return taken

    def _accept(self, tp: TP, batch: Any) -> bool:
        """Note a batch or an end as read; whether it is a batch that is to be delivered now, and not a stale one."""
        thread = self._thread
        is_stale = batch.epoch != thread.epoch or batch.position != thread.expected.get(tp)
        if isinstance(batch, PartitionEnd):
            if not is_stale:  # otherwise it is reported again, in the new assignment
                thread.expected[tp] = batch.offset
                self.ledgers[tp].reach_end(batch.offset)
            return False
        if is_stale:
            log.info("topic %s, partition %s: dropped a stale batch at offset %s", *tp, batch.first)
            self.plane.on_stale(Partition(tp.topic, tp.partition))
            thread.reread = True
            return False
        thread.expected[tp] = batch.last + 1
        self.ledgers[tp].add(batch)
        self._read_offset[tp] = None  # the order is checked above; Faust drops what comes after an end that fell
        return True

    def _to_message(self, tp: TP, batch: Any) -> ConsumerMessage:
        generation = self.app.consumer_generation_id
        timestamp = batch.timestamp_ms / 1000
        return ConsumerMessage(
            tp.topic, tp.partition, batch.last, timestamp, 0, [], None, batch, None, 0, 0, tp, generation_id=generation
        )

    def on_buffer_full(self, tp: TP) -> None:
        """Do nothing: a full stream stops the fetcher by itself; Faust would pause the partition, and sleep for a
        second once all are paused."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Do nothing: see on_buffer_full."""

    async def _add_gap(self, tp: TP, start: int, end: int) -> None:
        """Do nothing: the offsets between the ends of two batches belong to the second batch."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        """All partitions with a ledger: also one that was read to its end without any record."""
        return (tp for tp in list(self.ledgers) if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        ledger = self.ledgers[tp]
        before = ledger.processed
        offset = ledger.take_settled()
        self._committing += before - ledger.processed
        return offset

    def _should_commit(self, tp: TP, offset: int) -> bool:
        """Whatever the ledger settles, also below the last commit, where the log's end fell below that: a commit left
        above the end would skip what is written up to it."""
        return bool(offset != self._committed_offset[tp])

    async def restore_notes(self, name: NoteName, topics: Collection[str]) -> dict[TP, int]:
        """Restore the notes committed for the topics' assigned partitions, so that later commits keep them; their
        values are returned by partition. To be called in each rebalance, before any record of it is read."""
        wanted = [tp for tp in self.assignment() if tp.topic in topics]
        found = await self._thread.offsets.committed_notes(name, wanted)
        for tp, note in found.items():
            self.ledgers[tp].note = note
        return {tp: note.value for tp, note in found.items()}

    async def _commit_offsets(self, offsets: Mapping[TP, int], start_new_transaction: bool = True) -> bool:
        """Commit the offsets of assigned partitions; False where nothing was. Faust's own also draws a table of them
        for its debug log, and flushes its producer, which isn't used."""
        assigned = self.assignment()
        ours = {tp: offset for tp, offset in offsets.items() if tp in assigned}  # other workers read the rest again
        if not ours:
            return False
        done = bool(await self._commit(ours))
        self._committed_offset.update(ours)
        self.app.monitor.on_tp_commit(ours)
        return done

    async def force_commit(self, *args: Any, **kwargs: Any) -> bool:
        try:
            return bool(await super().force_commit(*args, **kwargs))
        finally:
            self._committing = 0

    def processed_to(self, tp: TP) -> int | None:
        """The offset up to which agents have processed an assigned partition; None while that isn't known. At the end
        of the partition it is the end, also where the last offsets are no records."""
        unprocessed = self.ledgers[tp].first_unprocessed if tp in self.ledgers else None
        return self._thread.positions.get(tp) if unprocessed is None else unprocessed.position

    @property
    def uncommitted(self) -> int:
        """The number of processed records whose offsets aren't committed yet."""
        return self._committing + sum(ledger.processed for ledger in self.ledgers.values())

    async def wait_for_commits(self) -> None:
        """Commit early from COMMIT_RECORDS uncommitted records on, and wait from UNCOMMITTED_RECORDS on."""
        while (uncommitted := self.uncommitted) >= COMMIT_RECORDS:
            if self._early_commit is None or self._early_commit.done():
                self._early_commit = self.add_future(self.commit())
            if uncommitted < UNCOMMITTED_RECORDS or not self.flow_active or self.app.crashed:
                return
            await asyncio.sleep(0.002)

    async def still_assigned(self, generation: int) -> bool:
        """Whether the partitions assigned in this generation are still this worker's, so that it may publish for them.

        Waits for an answer of the coordinator where the last one is older than a session.
        """
        thread = self._thread
        while thread.is_member(generation):
            if thread.lease.is_valid(clock.monotonic()):
                return True
            await asyncio.sleep(0.02)
        return False

    @property
    def _cannot_commit(self) -> bool:
        """True where batches in flight can't be committed any more, and will be read again."""
        return bool(self.app.crashed) or not self._thread.is_member(self.app.consumer_generation_id)

    async def wait_empty(self) -> None:
        """Wait until the batches in flight are processed and their output is acknowledged, then commit.

        Without any wait where the worker ends after a failure or is no longer a member: the rest is read again.
        """
        end = self.loop.time() + DRAIN_SECONDS
        while in_flight(self.ledgers.values()) and not self._cannot_commit and self.loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        for pending in [] if self._cannot_commit else unacknowledged(self.ledgers.values()):
            left = end - self.loop.time()
            if left <= 0 or not await _within(pending.wait(), left):
                log.warning(
                    "the broker has not acknowledged all output within %s s: those records are read again",
                    DRAIN_SECONDS,
                )
                break
        await self.commit_and_end_transactions()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish the batches in flight and commit them, before Faust drops its acks."""
        self.revocations += 1
        self.stop_flow()
        self.app.flow_control.suspend()
        self.app.flow_control.clear()
        await self.wait_empty()
        await super().on_partitions_revoked(revoked)
        self.ledgers.clear()  # the next assignment starts at the committed offsets

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Note after which revocation this was: the next one may come before its restore begins."""
        self.assigned_after = self.revocations
        await super().on_partitions_assigned(assigned, generation_id)

    async def perform_seek(self) -> None:
        """Do nothing: aiokafka starts at the committed offsets by itself. Faust asks for those of one partition after
        the other, and where that takes longer than its 90 s, no later rebalance is ever completed."""

    def restored(self, assigned_after: int) -> bool:
        """Let records flow, since all is restored for what was assigned after so many revocations; False where another
        one came meanwhile, whose assignment has to be restored first."""
        self._restored_after = assigned_after
        return assigned_after == self.revocations

    def resume_flow(self) -> None:
        """Let records flow if what is assigned is restored. Faust also calls this at the end of a restore during which
        the next rebalance began, and records would be delivered that nobody counts."""
        if self._restored_after == self.revocations:
            super().resume_flow()


def _deliveries(fetched: Fetched, epoch: Epoch) -> list[Batch | PartitionEnd]:
    """What was fetched of a partition: its batches, then its end where that was reached."""
    batches: list[Batch | PartitionEnd] = []
    if fetched.records:
        batches += split(fetched.records, epoch, fetched.position)
    if fetched.end is not None:
        position = fetched.records[-1].offset() + 1 if fetched.records else fetched.position
        batches.append(PartitionEnd(epoch, position, fetched.end))
    return batches


async def _within(wait: Any, seconds: float) -> bool:
    try:
        await asyncio.wait_for(wait, seconds)
    except TimeoutError:
        return False
    return True


class Transport(driver.Transport):
    """Faust's aiokafka transport over the data plane. Its producer is unused: AsyncProducer sends all records."""

    Consumer = Consumer

    def __init__(self, url: Any, app: Any, plane: DataPlane) -> None:
        self.plane = plane
        super().__init__(url, app)
