"""The memory of a process in mail.correspondents: read whole at the start, followed, and written as mail teaches."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from streams import clock
from streams.kafka.clients.async_producer import AsyncProducer, PendingAcks
from streams.kafka.clients.table import TableChunk, TableRecord
from streams.memory.memory import DAY_MS
from streams.memory.records import MemoryKind, PackedRecord
from streams.memory.replica import KeyedValue, Replica, Skipped
from streams.metrics import Metrics

log = logging.getLogger(__name__)

MAINTAIN_SECONDS = 10.0
RECORDS_AT_ONCE = 200
"""After this many records the event loop does something else: merging one takes some 10 us."""


class MemoryTopic:
    """Keeps the memory of a worker or a gate, and the topic that all of them share, in step.

    `read` returns the topic's chunks, as `read_table` does; `assigned` returns the source partitions that this worker
    has now: a gate has none, writes nothing, and needs no `producer`. `ages` is False for history, whose days are not
    today's: nothing is dropped for its age.
    """

    def __init__(
        self,
        replica: Replica,
        topic: str,
        producer: AsyncProducer | None,
        metrics: Metrics,
        *,
        read: Callable[[], Iterator[TableChunk]],
        assigned: Callable[[], Collection[int]],
        ages: bool,
    ) -> None:
        self._replica, self._topic, self._producer, self._metrics = replica, topic, producer, metrics
        self._read, self._assigned, self._ages = read, assigned, ages
        self._begun: tuple[Iterator[TableChunk], TableChunk] | None = None
        self._restored = asyncio.Event()
        self._aged_day = self._evicted = 0
        self._erased_in = frozenset[int]()
        self._reported = Counter[Skipped]()

    async def connect(self) -> None:
        """Begin to read the topic, as `follow` does by itself. Raises BrokerError, and may be called again then."""
        self._begun = await self._begin()

    async def follow(self) -> None:
        """Read the topic for ever, in another thread, and merge what it has. Raises BrokerError."""
        begin, records = clock.monotonic(), 0
        chunks, chunk = self._begun or await self._begin()
        self._begun = None
        while True:
            await self._take(chunk.records)
            records += len(chunk.records)
            if chunk.at_end and not self._restored.is_set():
                log.info("memory restored in %.2f s, records: %d", clock.monotonic() - begin, records)
                self._restored.set()
            chunk = await self._next(chunks)

    async def _begin(self) -> tuple[Iterator[TableChunk], TableChunk]:
        chunks = self._read()
        return chunks, await self._next(chunks)

    async def _next(self, chunks: Iterator[TableChunk]) -> TableChunk:
        return await asyncio.get_running_loop().run_in_executor(None, next, chunks)

    async def restored(self) -> None:
        """Return once all that the topic had at the start is in the memory."""
        await self._restored.wait()

    @property
    def is_restored(self) -> bool:
        """Whether `restored` would return at once."""
        return self._restored.is_set()

    async def write(self, learned: Sequence[PackedRecord], partition: int, pending: PendingAcks) -> None:
        """Send the entries that mail of a source partition has changed; `pending` counts their acknowledgements."""
        await self._send(self._replica.written(learned, partition), pending)
        persons = sum(record.kind is MemoryKind.PERSON for record in learned)
        self._metrics.memory_learned.labels("person").inc(persons)
        self._metrics.memory_learned.labels("correspondent").inc(len(learned) - persons)

    async def maintain(self) -> None:
        """Drop what is too old, once a day; write the bars again that retention would delete; erase what a former owner
        of newly assigned partitions left; set the metrics."""
        if not self._restored.is_set():
            return
        now_ms = clock.now_ms()
        if self._ages and now_ms // DAY_MS != self._aged_day:
            self._aged_day = now_ms // DAY_MS
            self._replica.memory.age(self._aged_day)
        assigned = frozenset(self._assigned())
        if 0 in assigned:
            await self._send(self._replica.renewed(now_ms))
        await self._send(self._replica.erased(now_ms, assigned - self._erased_in))
        self._erased_in = assigned
        self._measure()

    async def _take(self, records: Sequence[TableRecord]) -> None:
        for start in range(0, len(records), RECORDS_AT_ONCE):
            today = clock.now_ms() // DAY_MS
            # Before it is restored the memory lacks what comes later, so no record of it may be taken for outdated.
            assigned = self._assigned() if self._restored.is_set() else ()
            for record in records[start : start + RECORDS_AT_ONCE]:
                if lacking := self._replica.take(*record, today=today, assigned=assigned):
                    await self._send(lacking)
            await asyncio.sleep(0)

    async def _send(self, records: Iterable[KeyedValue], pending: PendingAcks | None = None) -> None:
        """Send records; without `pending` no offset depends on them."""
        if self._producer is not None:
            await self._producer.send_all(self._topic, list(records), pending=pending or self._producer.pending_acks())

    def _measure(self) -> None:
        memory, metrics = self._replica.memory, self._metrics
        metrics.memory_entries.labels("person").set(memory.persons)
        metrics.memory_entries.labels("correspondent").set(memory.correspondents)
        metrics.memory_since.set((memory.mail_days.since or 0) * DAY_MS // 1000)
        metrics.memory_evicted.inc(memory.evicted - self._evicted)
        self._evicted = memory.evicted
        if new := self._replica.skipped - self._reported:
            self._reported = Counter(self._replica.skipped)
            for reason, number in new.items():
                metrics.memory_records_skipped.labels(reason).inc(number)
            log.warning("%s: records that can't be used are skipped: %s", self._topic, _listed(new))


def _listed(counts: Counter[Skipped]) -> str:
    return ", ".join(f"{number} {reason}" for reason, number in sorted(counts.items()))
