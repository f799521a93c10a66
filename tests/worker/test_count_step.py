"""The count step on a real producer and a broker: state before alerts, and nothing after the partition is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME

from streams.errors import BrokerError
from streams.events.alert_view import AlertView, read_alert
from streams.events.dead_letter import decode as decode_dead_letter
from streams.events.hit import Tick, TypoHit, encode_hit, encode_tick
from streams.findings.log.records import WATERMARK, decode_watermark
from streams.findings.settings import FindingsSettings
from streams.findings.state import MAX_ALERTS, PartitionState
from streams.kafka.clients.async_producer import AsyncProducer
from streams.kafka.dataplane.batch import Batch
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.partition import Partition
from streams.metrics import Metrics
from streams.worker.broker_clock import ALLOWED_SKEW_MS
from streams.worker.count_step import CountStep
from tests.broker.faults import refuse_records
from tests.findings.samples import DAY_MS, MONDAY_MS, hit, tick
from tests.findings.worker import DIGESTS
from tests.kafka.clients.running import run, running, until
from tests.kafka.dataplane.batches import Event, Message, batch_of
from tests.worker.samples import DEAD_LETTERS, dead_letters_of, read, sample

HITS, STATE, ALERTS = "mail.typo-hits", "mail.sender-state", "mail.alerts"
FIRST, SECOND = Partition(HITS, 0), Partition(HITS, 1)
POLICY = FindingsSettings().policy()
MOST_WAITING = 64


class Counting:
    """A count step with both partitions of the hits assigned.

    `still_assigned` is called at each look whether they are still assigned, which `looks` counts.
    """

    def __init__(
        self, broker: EmbeddedBroker, producer: AsyncProducer, present_ms: Callable[[], int] | None = None
    ) -> None:
        self.broker, self.metrics, self.failures = broker, Metrics("test"), list[Exception]()
        self.looks = 0
        self.still_assigned: Callable[[int], Awaitable[bool]] = assigned
        self.step = CountStep(
            producer,
            dead_letters_of(producer, self.metrics),
            self.metrics,
            state_topics={HITS: STATE},
            alerts_topic=ALERTS,
            still_assigned=self._look,
            on_failure=self.failures.append,
            present_ms=present_ms,
        )
        for partition in (FIRST, SECOND):
            self.step.states[partition] = PartitionState(POLICY, DIGESTS, "sender")

    async def _look(self, generation: int) -> bool:
        self.looks += 1
        return await self.still_assigned(generation)

    async def count(self, *batches: Batch) -> None:
        """Have these counted, and wait until they are acked."""
        for batch in batches:
            await self.step(batch)
        await until(lambda: all(batch.acked for batch in batches) or bool(self.failures))

    async def published(self, topic: str) -> int:
        """The number of records that the broker has of a topic."""
        return len(await asyncio.to_thread(read, self.broker, topic))

    def hold(self, generation: int | None = None) -> asyncio.Event:
        """Have the next round wait before its state is published, until the event is set; all partitions are still
        assigned then, or only those of this generation."""
        turn = asyncio.Event()

        async def wait(of: int) -> bool:
            await turn.wait()
            return generation in (None, of)

        self.still_assigned = wait
        return turn

    def rebalance(self) -> None:
        """As at a rebalance in which both partitions stay: a state that there is remains, others are restored."""
        self.step.rebalance()
        for partition in (FIRST, SECOND):
            self.step.states.setdefault(partition, PartitionState(POLICY, DIGESTS, "sender"))

    def sample(self, name: str, **labels: str) -> float | None:
        return sample(self.metrics, name, **labels)


async def assigned(_generation: int) -> bool:
    return True


@pytest.fixture
def broker(embedded_broker: EmbeddedBroker) -> EmbeddedBroker:
    embedded_broker.create_topics({STATE: 2, ALERTS: 1, DEAD_LETTERS: 1})
    return embedded_broker


@asynccontextmanager
async def counting(broker: EmbeddedBroker, **config: Any) -> AsyncIterator[Counting]:
    """`config` is the producer's."""
    async with running(broker, **config) as producer:
        yield Counting(broker, producer)


def hits(*items: TypoHit | Tick | bytes, partition: Partition = FIRST, first: int = 0, generation: int = 1) -> Batch:
    values = [item if isinstance(item, bytes) else encode(item) for item in items]
    return batch_of(values, topic=HITS, partition=partition.partition, first=first, epoch=(generation, 1))


def encode(item: TypoHit | Tick) -> bytes:
    return encode_tick(item) if isinstance(item, Tick) else encode_hit(item)


def alerts(broker: EmbeddedBroker) -> list[AlertView]:
    return [read_alert(record.value or b"") for record in read(broker, ALERTS)]


def test_state_is_delivered_before_alerts_and_the_batch_is_acked_after_both(broker: EmbeddedBroker) -> None:
    seen: list[tuple[int, int, bool]] = []

    async def work() -> None:
        async with counting(broker, **{"linger.ms": 200}) as counted:
            batch = hits(hit())

            async def look(_generation: int) -> bool:
                seen.append((await counted.published(STATE), await counted.published(ALERTS), batch.acked))
                return True

            counted.still_assigned = look
            await counted.count(batch)
            assert await counted.published(ALERTS) == 1
            assert batch.settled

    run(work)
    assert seen == [(0, 0, False), (3, 0, False)]
    (view,) = alerts(broker)
    assert view.count == 1
    assert [record.key for record in read(broker, ALERTS)] == [view.uid.encode()]
    assert {(record.partition, record.key is not None) for record in read(broker, STATE)} == {(0, True)}


@pytest.mark.parametrize(("looks", "state"), [(1, 0), (2, 3)])
def test_a_worker_that_lost_the_partition_publishes_nothing_more_and_forgets_it(
    broker: EmbeddedBroker, looks: int, state: int
) -> None:
    """It is lost at the first look, before the state, or at the second, between state and alerts."""

    async def work() -> None:
        async with counting(broker) as counted:
            generations: list[int] = []

            async def lost(generation: int) -> bool:
                generations.append(generation)
                return counted.looks < looks

            counted.still_assigned = lost
            batch = hits(hit(), generation=7)
            await counted.step(batch)
            await until(lambda: FIRST not in counted.step.states)
            counted.still_assigned = assigned
            await counted.count(hits(hit(), partition=SECOND, generation=8))  # the other one is counted on
            assert not batch.acked
            assert generations == [7] * looks
            assert counted.failures == []

    run(work)
    assert len([record for record in read(broker, STATE) if record.partition == 0]) == state
    assert len(read(broker, ALERTS)) == 1


def test_a_state_that_was_loaded_again_meanwhile_is_kept(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker) as counted:
            restored = PartitionState(POLICY, DIGESTS, "sender")

            async def lost(_generation: int) -> bool:
                counted.step.states[FIRST] = restored
                return False

            counted.still_assigned = lost
            await counted.step(hits(hit()))
            await until(lambda: counted.looks > 0)
            counted.still_assigned = assigned
            await counted.count(hits(hit(), generation=2))
            assert counted.step.states[FIRST] is restored

    run(work)


def test_batches_that_wait_for_their_turn_are_counted_together(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker) as counted:
            turn = counted.hold()
            batches = [hits(hit(message_id=f"<{at}>"), first=at) for at in range(4)]
            await counted.step(batches[0])
            await until(lambda: counted.looks > 0)
            for batch in batches[1:]:
                await counted.step(batch)
            turn.set()
            await until(lambda: all(batch.acked for batch in batches))
            assert counted.sample("batch_events_count", step="count") == 2
            assert counted.sample("batch_events_sum", step="count") == 4
            assert counted.sample("batch_seconds_count", step="count") == 2

    run(work)
    assert [view.count for view in alerts(broker)] == [1, 4]


def test_between_batches_counted_together_the_state_accounts_for_the_hits_so_far(broker: EmbeddedBroker) -> None:
    """If the worker dies there, the hits after the offset in the state are counted by the next one, and no others."""

    async def work() -> None:
        async with counting(broker) as counted:
            turn = counted.hold()
            batches = [
                hits(hit(message_id="<0>"), first=0),
                hits(hit(message_id="<1>"), tick(MONDAY_MS + 2 * DAY_MS), first=1),
                hits(hit(message_id="<3>"), tick(MONDAY_MS + 20 * DAY_MS), first=3),
            ]
            await counted.step(batches[0])
            await until(lambda: counted.looks > 0)
            for batch in batches[1:]:
                await counted.step(batch)
            turn.set()
            await until(lambda: all(batch.acked for batch in batches))
            assert counted.sample("batch_events_count", step="count") == 2

    run(work)
    written = [decode_watermark(record.value or b"") for record in read(broker, STATE) if record.key == WATERMARK]
    assert (written[0].offset, written[-1].offset) == (2, 4)


def test_of_batches_that_wait_those_of_an_older_generation_are_not_counted(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker) as counted:
            older, newer = hits(hit(message_id="<1>")), hits(hit(message_id="<2>"), first=0, generation=2)
            await counted.step(older)
            await counted.count(newer)
            assert not older.acked

    run(work)
    assert [view.count for view in alerts(broker)] == [1]


def few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.worker.count_step.MAX_QUEUED_RECORDS", MOST_WAITING)


def test_what_is_not_assigned_is_left_to_others_and_takes_no_room(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_wait(monkeypatch)

    async def work() -> None:
        async with counting(broker) as counted:
            batches = [hits(hit(), partition=Partition(HITS, 9), first=at) for at in range(MOST_WAITING + 2)]
            for batch in batches:
                await counted.step(batch)
            await counted.count(hits(hit()))
            assert not any(batch.acked for batch in batches)

    run(work)


def test_reading_waits_where_too_many_records_wait(broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    """And finds the same room again when they are counted, all but the first of them together."""
    few_wait(monkeypatch)

    async def fill(counted: Counting) -> None:
        turn, looks = counted.hold(), counted.looks
        batches = [hits(hit(message_id=f"<{at}>"), first=at) for at in range(MOST_WAITING + 1)]
        for batch in batches[:-1]:
            await counted.step(batch)
        last = asyncio.ensure_future(counted.step(batches[-1]))
        await until(lambda: counted.looks > looks)
        assert not last.done()
        turn.set()
        await last
        await until(lambda: all(batch.acked for batch in batches))

    async def work() -> None:
        async with counting(broker) as counted:
            await fill(counted)
            await fill(counted)

    run(work)


def test_what_cannot_be_read_becomes_a_dead_letter_and_the_rest_is_counted(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker, **{"linger.ms": 100}) as counted:
            await counted.count(hits(b"no hit", hit(), b"", first=30, partition=SECOND))
            assert counted.sample("dead_letters_total", reason="not-json") == 1

    run(work)
    letters = [decode_dead_letter(record.key, record.value, record.headers) for record in read(broker, DEAD_LETTERS)]
    assert [(letter.topic, letter.partition, letter.offset, letter.reason) for letter in letters] == [
        (HITS, 1, 30, "not-json"),
        (HITS, 1, 32, "empty"),
    ]
    assert len(read(broker, ALERTS)) == 1


def test_a_batch_of_dead_letters_alone_is_settled_when_the_broker_has_them(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker, **{"linger.ms": 200}) as counted:
            batch = hits(b"no hit")
            await counted.count(batch)
            await until(lambda: batch.settled)
            assert await counted.published(DEAD_LETTERS) == 1

    run(work)


def test_what_waits_of_all_partitions_is_published_together(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker) as counted:
            turn = counted.hold()
            batches = [hits(hit()), hits(hit(), first=1), hits(hit(), partition=SECOND)]
            await counted.step(batches[0])
            await until(lambda: counted.looks > 0)
            for batch in batches[1:]:
                await counted.step(batch)
            turn.set()
            await until(lambda: all(batch.acked for batch in batches))
            assert counted.looks == 4, "before state and alerts of each round"

    run(work)
    assert {record.partition for record in read(broker, STATE)} == {0, 1}


def test_no_partition_waits_for_all_that_another_has_to_publish(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker) as counted:
            senders = [f"{number:032x}" for number in range(3 * MAX_ALERTS)]
            await counted.count(hits(*(hit(sender_digest=sender, message_id=f"<{sender}>") for sender in senders)))
            looks = counted.looks
            all_final = hits(tick(MONDAY_MS + 2 * DAY_MS), first=len(senders))
            await counted.step(all_final)
            await until(lambda: counted.looks > looks)
            await counted.count(hits(hit(), partition=SECOND))
            assert not all_final.acked
            await until(lambda: all_final.acked)

    run(work)


def test_what_is_at_work_when_the_group_has_a_new_generation_is_read_again(broker: EmbeddedBroker) -> None:
    """Also where the number of the generation is less: a group that was deleted begins at 1 again."""

    async def work() -> None:
        async with counting(broker) as counted:
            turn = counted.hold(generation=3)
            older, newer = hits(hit(), generation=7), hits(hit(), partition=SECOND, generation=3)
            await counted.step(older)
            await until(lambda: counted.looks > 0)
            await counted.step(newer)
            turn.set()
            await until(lambda: newer.acked)
            assert not older.acked
            assert FIRST not in counted.step.states

    run(work)


def test_what_was_applied_when_the_generation_changes_is_not_published_in_the_new_one(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.worker.count_step.SLICE_SECONDS", -1.0)  # others have their turn after each outcome

    async def work() -> None:
        async with counting(broker) as counted:
            older, newer = hits(hit(), generation=7), hits(hit(), partition=SECOND, generation=8)
            await counted.step(older)
            await asyncio.sleep(0)  # now it is applied
            await counted.step(newer)
            await until(lambda: newer.acked)
            assert not older.acked
            assert FIRST not in counted.step.states

    run(work)
    assert {record.partition for record in read(broker, STATE)} == {1}


@pytest.mark.parametrize("looks", [1, 2])
def test_what_is_at_work_or_waits_in_a_rebalance_is_counted_again(broker: EmbeddedBroker, looks: int) -> None:
    """The broker takes longer to acknowledge than a rebalance waits, before the state is sent or after the alerts."""

    async def work() -> None:
        async with counting(broker, **{"linger.ms": 100}) as counted:
            generation, turn = 1, asyncio.Event()

            async def look(of: int) -> bool:
                if looks == 1:
                    await turn.wait()
                return of == generation

            counted.still_assigned = look
            older = [hits(hit()), hits(hit(message_id="<2>"), first=1)]
            for batch in older:
                await counted.step(batch)
            await until(lambda: counted.looks == looks)
            await counted.step(hits(hit(message_id="<3>"), first=2))
            generation = 2
            counted.rebalance()
            await counted.step(hits(hit(), partition=SECOND, generation=2))
            turn.set()
            newer = hits(hit(), hit(message_id="<2>"), hit(message_id="<3>"), generation=2)
            await counted.count(newer)
            assert not any(batch.acked for batch in older)
            assert set(counted.step.states) == {FIRST, SECOND}

    run(work)
    assert max(view.count for view in alerts(broker)) == 3


def test_a_rebalance_may_come_between_two_partitions_of_a_round(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.worker.count_step.SLICE_SECONDS", -1.0)  # others have their turn after each outcome

    async def work() -> None:
        async with counting(broker) as counted:
            rebalanced = asyncio.Event()

            def rebalance() -> None:
                counted.rebalance()
                rebalanced.set()

            class Rebalancing(Event):
                def ack(self) -> None:
                    asyncio.get_running_loop().call_soon(rebalance)

            first, second = hits(hit()), hits(hit(), partition=SECOND)
            first.start(Rebalancing())
            await counted.step(first)
            await counted.step(second)
            await until(lambda: first.acked)
            await rebalanced.wait()  # it comes after the ack, and would drop what is added before it
            await counted.count(hits(hit(), partition=SECOND, generation=2))
            assert counted.failures == []
            assert not second.acked

    run(work)


def test_what_waits_for_room_in_a_rebalance_is_read_again(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_wait(monkeypatch)

    async def work() -> None:
        async with counting(broker) as counted:
            turn = counted.hold(generation=2)
            batches = [hits(hit(message_id=f"<{at}>"), first=at) for at in range(MOST_WAITING + 2)]
            for batch in batches[:MOST_WAITING]:
                await counted.step(batch)
            last = asyncio.ensure_future(counted.step(*batches[MOST_WAITING:]))
            await until(lambda: counted.looks > 0)
            counted.rebalance()
            turn.set()
            await last
            await counted.count(hits(hit(), generation=2))
            assert not any(batch.acked for batch in batches)

    run(work)
    assert [view.count for view in alerts(broker)] == [1]


def test_alerts_and_late_hits_are_counted(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker) as counted:
            await counted.count(hits(*(hit(message_id=f"<{at}>") for at in range(3)), tick(MONDAY_MS + 10 * DAY_MS)))
            assert counted.sample("late_hits_total") == 0
            await counted.count(hits(hit(message_id="<late>"), first=4))
            assert counted.sample("late_hits_total") == 1
            rule = POLICY.rules[0].name
            assert counted.sample("alerts_total", rule=rule, severity="medium", activity="create") == 1

    run(work)


def test_an_alert_sent_again_after_a_restore_is_the_same_and_counted_once(broker: EmbeddedBroker) -> None:
    """The hit's batch was not committed, so its alert may be missing."""

    async def work() -> None:
        async with counting(broker) as counted:
            await counted.count(hits(hit()))
            stored = [(record.key or b"", record.value) for record in await asyncio.to_thread(read, broker, STATE)]
            counted.step.states[FIRST] = PartitionState.load(POLICY, DIGESTS, "sender", stored, 0)
            await counted.count(hits(hit()))
            assert counted.sample("alerts_total", rule=POLICY.rules[0].name, severity="low", activity="create") == 1

    run(work)
    first, again = read(broker, ALERTS)
    assert first.value == again.value


def test_a_refusal_of_the_broker_ends_the_worker_and_nothing_is_acked(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker) as counted:
            refuse_records(broker)
            batch = hits(hit())
            await counted.count(batch)
            assert not batch.acked
            (failure,) = counted.failures
            assert isinstance(failure, BrokerError)
            assert counted.looks == 1, "no alert is tried after the state was refused"

    run(work)


def test_a_watermark_far_ahead_of_the_present_is_left_out_and_logged_once(
    broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    present_ms = MONDAY_MS + 30 * DAY_MS

    async def work() -> None:
        async with running(broker) as producer:
            counted = Counting(broker, producer, lambda: present_ms)
            latest_ms = present_ms + ALLOWED_SKEW_MS
            await counted.count(hits(tick(latest_ms + 1), tick(present_ms + 7 * DAY_MS)))
            assert counted.step.states[FIRST].watermark_ms is None
            await counted.count(hits(tick(latest_ms), first=2))
            assert counted.step.states[FIRST].watermark_ms == latest_ms, "the clock of the reader may be behind"
            assert sample(counted.metrics, "watermarks_left_out_total") == 2

    run(work)
    (line,) = [record for record in caplog.records if "ahead of its time" in record.getMessage()]
    assert "offset 0" in line.getMessage()


class Stamped(Message):
    """A record of a topic that the broker stamps."""

    def timestamp(self) -> tuple[int, int]:
        return TIMESTAMP_LOG_APPEND_TIME, MONDAY_MS


def test_a_watermark_is_held_against_the_time_at_which_the_broker_appended_it(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with running(broker) as producer:
            counted = Counting(broker, producer, lambda: MONDAY_MS + 30 * DAY_MS)
            ahead, behind = encode_tick(tick(MONDAY_MS + DAY_MS)), encode_tick(tick(MONDAY_MS - DAY_MS))
            stamped = [Stamped(0, ahead, HITS, 0), Stamped(1, behind, HITS, 0)]
            batch = Batch(stamped, (1, 1), 0)
            batch.start(Event())
            await counted.count(batch)
            assert counted.step.states[FIRST].watermark_ms == MONDAY_MS - DAY_MS

    run(work)


def test_a_history_takes_any_watermark(broker: EmbeddedBroker) -> None:
    async def work() -> None:
        async with counting(broker) as counted:
            await counted.count(hits(tick(10**14)))
            assert counted.step.states[FIRST].watermark_ms == 10**14

    run(work)
