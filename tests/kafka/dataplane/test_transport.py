"""What is committed, and how many records agents may process ahead of that."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, IllegalStateError, KafkaError
from faust.types import TP
from mode import Service
from mode.threads import QueueServiceThread

from streams.errors import BrokerError
from streams.kafka.dataplane.batch import MAX_RECORDS, PartitionEnd
from streams.kafka.dataplane.ledger import Ledger
from streams.kafka.dataplane.settled_offset import CommitNote, NoteName, SettledOffset
from streams.kafka.dataplane.transport import COMMIT_RECORDS, UNCOMMITTED_RECORDS, Consumer, ConsumerThread
from streams.kafka.partition import Partition
from tests.kafka.dataplane.batches import batch_of, nothing_pending

PARTITION = TP("mail.events", 3)


class Member(Consumer):
    """A group member without a broker: its commits succeed or fail as the test wants."""

    def __init__(self, *, commits_work: bool) -> None:
        self.ledgers = defaultdict(Ledger)
        self._acked, self._acked_index = defaultdict(list), defaultdict(set)
        self._committing, self._early_commit = 0, None
        app: Any = SimpleNamespace(crashed=False)
        self.flow_active, self.app = True, app
        self.commits, self._commits_work = 0, commits_work

    def add_future(self, coro: Any) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = asyncio.ensure_future(coro)
        return future

    async def commit(self, *_: Any, **__: Any) -> bool:
        self.commits += 1
        await asyncio.sleep(0)
        if self._commits_work:
            self._new_offset(PARTITION)
            self._committing = 0  # as force_commit does when the broker has answered
        return self._commits_work

    def process(self, records: int) -> None:
        """Process a batch of so many records, as an agent does."""
        batch = batch_of([b"x"] * records)
        self.ledgers[PARTITION].add(batch)
        batch.ack(nothing_pending())


class SilentThread(ConsumerThread):
    """A consumer thread whose broker never answers."""

    def __post_init__(self) -> None:
        self.asked = threading.Event()

    async def on_start(self) -> None: ...

    async def on_thread_stop(self) -> None:
        await QueueServiceThread.on_thread_stop(self)

    @Service.task
    async def _watch_membership(self) -> None: ...

    async def _commit(self, _offsets: Any) -> bool:
        self.asked.set()
        await asyncio.Event().wait()
        return True


def test_a_commit_that_is_waited_for_ends_with_the_thread() -> None:
    async def run() -> list[bool]:
        consumer: Any = SimpleNamespace(transport=SimpleNamespace(app=None))
        thread = SilentThread(consumer)
        await thread.start()
        meanwhile = asyncio.ensure_future(thread.commit({PARTITION: 5}))
        await asyncio.to_thread(thread.asked.wait, 10)
        thread._crash(BrokerError("refused"))
        thread.thread_loop.call_soon_threadsafe(lambda: None)  # wakes it; a crash alone doesn't
        return [await asyncio.wait_for(commit, 10) for commit in (meanwhile, thread.commit({PARTITION: 5}))]

    assert asyncio.run(run()) == [False, False]


class Group:
    """A group in which a rebalance comes at the worst moment: `begin_at` names the call during which it ends."""

    def __init__(self, begin_at: str) -> None:
        self.generation, self.partitions, self._begin_at = 1, {PARTITION, TP("mail.events", 4)}, begin_at

    def reach(self, moment: str) -> None:
        if moment == self._begin_at:
            self.generation, self.partitions, self._begin_at = 2, {PARTITION}, "never"


class Rebalanced(ConsumerThread):
    """A consumer thread without a broker, in such a group, whose fetcher counts its assignments."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.app: Any = SimpleNamespace(consumer_generation_id=1)
        self.consumer: Any = SimpleNamespace(flow_active=True)
        self.assigned, self.expected, self.reread = None, {}, False
        self._one_fetch, self._pool = asyncio.Lock(), ThreadPoolExecutor(1)
        self.fetched: list[set[Partition]] = []
        reader: Any = SimpleNamespace(assign=self._take, fetch=self._fetch)
        self._reader = reader

    def assignment(self) -> set[TP]:
        self.app.consumer_generation_id = self.group.generation
        return self.group.partitions

    def _take(self, offsets: dict[Partition, int]) -> None:
        self.group.reach("assign")
        self._taken = set(offsets)

    def _fetch(self, _timeout: float) -> tuple[list[Any], list[Any]]:
        self.fetched.append(self._taken)
        return [], []


class GroupConsumer:
    """aiokafka's consumer in such a group, as far as a fetch uses it."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self._coordinator = SimpleNamespace(_coordination_task=SimpleNamespace(done=lambda: False))
        self.errors: list[KafkaError] = []
        self.paused: list[set[TP]] = []
        self._fetcher = SimpleNamespace(_subscriptions=SimpleNamespace(fetch_context=nullcontext))

    async def position(self, tp: Any) -> int:
        self._group.reach("position")
        if self.errors:
            raise self.errors.pop()
        if TP(tp.topic, tp.partition) not in self._group.partitions:
            raise IllegalStateError(f"Partition {tp} is not assigned")
        self._group.reach("positioned")
        return 7

    def pause(self, *tps: Any) -> None:
        self.paused.append({TP(tp.topic, tp.partition) for tp in tps})


@pytest.mark.parametrize("moment", ["position", "positioned", "assign"])
def test_a_rebalance_while_partitions_are_assigned_to_the_fetcher_has_them_assigned_again(moment: str) -> None:
    """Nothing is fetched for the former generation: it would be taken for the new one's."""

    async def run() -> Rebalanced:
        group = Group(moment)
        thread = Rebalanced(group)
        consumer = GroupConsumer(group)
        while not thread.fetched:
            assert await thread._fetch_records(consumer, set()) == {}
        thread._pool.shutdown()
        return thread

    thread = asyncio.run(run())
    assert thread.fetched == [{Partition(*PARTITION)}]
    assert (thread.assigned, thread.expected) == ((2, frozenset([PARTITION])), {PARTITION: 7})


def test_partitions_are_paused_for_aiokafka_before_others_learn_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would skip expired records by itself, and neither log nor count them."""
    seen: list[list[set[TP]]] = []

    async def run() -> None:
        group = Group("never")
        thread, consumer = Rebalanced(group), GroupConsumer(group)
        thread._ensure_consumer = lambda: consumer  # type: ignore[method-assign]

        async def assigned(*_: Any) -> None:
            seen.append(list(consumer.paused))

        monkeypatch.setattr("faust.transport.drivers.aiokafka.AIOKafkaConsumerThread.on_partitions_assigned", assigned)
        await thread.on_partitions_assigned(group.partitions, 1)
        thread._pool.shutdown()

    asyncio.run(run())
    assert seen == [[{PARTITION, TP("mail.events", 4)}]]


def test_what_is_wrong_with_the_group_while_partitions_are_assigned_ends_the_worker_only_for_good() -> None:
    failures: list[BrokerError | None] = []

    async def run() -> None:
        group = Group("never")
        thread = Rebalanced(group)
        thread.app.conf = SimpleNamespace(id="straymail")
        thread._report = failures.append  # type: ignore[assignment,method-assign]
        consumer = GroupConsumer(group)
        consumer.errors = [GroupAuthorizationFailedError("straymail"), KafkaError("an odd answer")]
        for _ in range(3):
            await thread._fetch_records(consumer, set())
        thread._pool.shutdown()
        assert thread.fetched == [{Partition(*tp) for tp in group.partitions}]

    asyncio.run(run())
    assert [str(failure) for failure in failures] == [
        "None",
        "this user may not join the consumer group straymail: grant READ on the group",
    ]


def test_committed_notes_are_kept_by_later_commits() -> None:
    class Requests:
        """Requests to a Kafka whose group has committed these notes."""

        async def committed_notes(self, name: NoteName, partitions: Iterable[TP]) -> dict[TP, CommitNote]:
            return {tp: CommitNote(name, 500) for tp in partitions if tp == PARTITION}

    async def run() -> None:
        member = Member(commits_work=True)
        thread: Any = SimpleNamespace(offsets=Requests())
        member._thread = thread
        member.assignment = lambda: {PARTITION, TP("mail.events", 4), TP("mail.typo-hits", 3)}  # type: ignore[method-assign]
        assert await member.restore_notes("newest_ms", ["mail.events"]) == {PARTITION: 500}
        member.process(1)  # without a note
        offset = member._new_offset(PARTITION)
        assert isinstance(offset, SettledOffset)
        assert offset.note == CommitNote("newest_ms", 500)

    asyncio.run(run())


@pytest.mark.parametrize(("committed", "offset", "expected"), [(None, 5, 1), (5, 6, 1), (5, 5, 0), (1_000, 5, 1)])
def test_what_is_settled_is_committed_also_where_the_end_of_the_log_fell(
    committed: int | None, offset: int, expected: int
) -> None:
    member = Member(commits_work=True)
    member._committed_offset = {PARTITION: committed}
    member.ledgers[PARTITION].reach_end(offset)
    assert len(member._filter_committable_offsets([PARTITION])) == expected


HITS = [TP("mail.typo-hits", 0), TP("mail.typo-domains", 0), TP("mail.typo-hits", 1)]


def delivered(monkeypatch: pytest.MonkeyPatch, fetched: list[tuple[TP, Any]], at_most: int = 0) -> list[list[Any]]:
    """The batches in each message that is delivered of what was fetched; after `at_most` messages flow ends."""
    messages: list[list[Any]] = []

    async def getmany(_self: Any, _timeout: float) -> Any:
        for tp, batch in fetched:
            yield tp, SimpleNamespace(value=batch)

    monkeypatch.setattr("faust.transport.drivers.aiokafka.Consumer.getmany", getmany)

    async def run() -> None:
        member = Member(commits_work=True)
        plane: Any = SimpleNamespace(together=("mail.typo-hits", "mail.typo-domains"), on_stale=lambda _partition: None)
        thread: Any = SimpleNamespace(epoch=(1, 1), expected=dict.fromkeys([PARTITION, *HITS], 0), reread=False)
        member.plane, member._thread, member._read_offset = plane, thread, {}
        async for _, message in member.getmany(1.0):
            value: Any = message.value
            messages.append(value)
            member.flow_active = len(messages) != at_most

    asyncio.run(run())
    return messages


def test_batches_of_hits_are_delivered_together_and_before_the_mail_events(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [batch_of([b"x"], first=at) for at in range(2)]
    hits = [batch_of([b"x"]) for _ in HITS]
    later = batch_of([b"x"] * (MAX_RECORDS - len(hits)), first=1)
    stale, end = batch_of([b"x"], first=7), PartitionEnd((1, 1), 1, 5)
    fetched = [
        (PARTITION, events[0]),
        *zip(HITS, hits, strict=True),
        (HITS[1], stale),
        (PARTITION, events[1]),
        (HITS[2], end),
        (HITS[0], later),
    ]
    messages = delivered(monkeypatch, fetched)
    assert messages == [[*hits, later], [events[0]], [events[1]]]
    full = [(HITS[0], batch_of([b"x"] * (MAX_RECORDS - 1))), (HITS[1], batch_of([b"x"] * 2))]
    assert list(map(len, delivered(monkeypatch, full))) == [1, 1]


def test_nothing_more_is_delivered_once_flow_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = [(PARTITION, batch_of([b"x"], first=at)) for at in range(3)]
    assert len(delivered(monkeypatch, fetched, at_most=2)) == 2


def test_offsets_are_committed_of_what_is_assigned_alone() -> None:
    other = TP("mail.events", 4)

    async def run() -> None:
        member = Member(commits_work=True)
        asked: list[dict[TP, int]] = []

        async def commit(offsets: dict[TP, int]) -> bool:
            asked.append(offsets)
            return True

        thread: Any = SimpleNamespace(commit=commit)
        member._thread, member._committed_offset = thread, {}
        app: Any = member.app
        app.monitor = SimpleNamespace(on_tp_commit=lambda _offsets: None)
        member.assignment = lambda: {PARTITION}  # type: ignore[method-assign]
        assert await member._commit_offsets({PARTITION: 5, other: 7})
        assert not await member._commit_offsets({other: 7})
        assert asked == [member._committed_offset] == [{PARTITION: 5}]

    asyncio.run(run())


def test_few_records_wait_for_the_next_periodic_commit() -> None:
    member = Member(commits_work=True)
    member.process(COMMIT_RECORDS - 1)
    asyncio.run(member.wait_for_commits())
    assert (member.commits, member.uncommitted) == (0, COMMIT_RECORDS - 1)


def test_many_records_are_committed_at_once_without_a_wait() -> None:
    async def run() -> None:
        member = Member(commits_work=True)
        member.process(COMMIT_RECORDS)
        await member.wait_for_commits()
        assert member.uncommitted == COMMIT_RECORDS
        assert member._early_commit is not None
        await member._early_commit
        assert (member.commits, member.uncommitted) == (1, 0)

    asyncio.run(run())


def test_too_many_uncommitted_records_are_waited_for() -> None:
    member = Member(commits_work=True)
    member.process(UNCOMMITTED_RECORDS)
    asyncio.run(member.wait_for_commits())
    assert (member.commits, member.uncommitted) == (1, 0)


def test_records_whose_commit_is_in_flight_count() -> None:
    member = Member(commits_work=True)
    member.process(COMMIT_RECORDS)
    member._new_offset(PARTITION)
    assert member.uncommitted == COMMIT_RECORDS


def test_a_revocation_ends_the_wait() -> None:
    async def run() -> None:
        member = Member(commits_work=False)
        member.process(UNCOMMITTED_RECORDS)
        waits = asyncio.ensure_future(member.wait_for_commits())
        while member.commits < 2 and not waits.done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert not waits.done()
        member.flow_active = False
        await asyncio.wait_for(waits, 5)

    asyncio.run(run())
