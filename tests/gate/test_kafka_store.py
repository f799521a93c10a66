"""Decisions in Kafka: all gates know them within a second, and none is refused a place in memory for Kafka's faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest

from streams.events.mail import decode
from streams.gate import kafka_store
from streams.gate.confirmations import Ask, AskKey, Confirmations, asked_record, confirmed_record, withdrawn_record
from streams.gate.kafka_store import KafkaStore
from streams.gate.refused_event import refused_event
from streams.gate.store import NotStoredError
from streams.kafka.clients.read import read_to_end
from streams.kafka.clients.table import read_table
from streams.kafka.security import librdkafka_config
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import topic_names
from tests.broker.contract import Broker, produce
from tests.gate.gates import MINUTE, START_MS
from tests.kafka.clients.running import run, until

PAIR, OTHER = "a" * 32, "b" * 32
KEY = AskKey(PAIR, str(START_MS))
ASKED = asked_record(KEY, Ask(START_MS, "policy", "navy.ml", "navy.mil", "c" * 32))


def store_of(settings: KafkaSettings) -> KafkaStore:
    names = topic_names(settings)
    return KafkaStore(
        Confirmations(60 * MINUTE, 24 * 60 * MINUTE),
        names,
        {**librdkafka_config(settings), "log_level": 0},
        lambda: START_MS,
        read=partial(read_table, settings, names.gate),
        on_failure=lambda: None,
    )


@asynccontextmanager
async def running(store: KafkaStore) -> AsyncIterator[None]:
    task = asyncio.ensure_future(store.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def following(settings: KafkaSettings, *, is_usable: bool = True) -> AsyncIterator[KafkaStore]:
    store = store_of(settings)
    async with running(store):
        if is_usable:
            await until(lambda: store.problem is None)
        yield store


@pytest.fixture
def broker(apache_kafka: Broker) -> Broker:
    return apache_kafka


@pytest.fixture
def gate_topics(broker: Broker, settings: KafkaSettings) -> KafkaSettings:
    names = topic_names(settings)
    broker.create_topics({names.gate: 2, names.events: 2})
    return settings


def test_what_one_gate_stores_the_others_know(gate_topics: KafkaSettings) -> None:
    async def work() -> None:
        async with following(gate_topics) as one, following(gate_topics) as other:
            await one.put([ASKED])
            assert one.confirmations.open_ask(PAIR, "policy", START_MS) is not None
            await until(lambda: other.confirmations.open_ask(PAIR, "policy", START_MS) is not None)
            await other.put([confirmed_record(PAIR, START_MS + 1)])
            await until(lambda: one.confirmations.is_confirmed(PAIR, START_MS + 1))

    run(work)


def test_decisions_outlive_the_gate_and_withdrawn_ones_do_not(gate_topics: KafkaSettings) -> None:
    async def work() -> None:
        async with following(gate_topics) as store:
            await store.put([ASKED, confirmed_record(OTHER, START_MS)])
            store.put_later([withdrawn_record(KEY)])
            assert not store.confirmations.sizes["asked"]
        async with following(gate_topics) as again:
            assert again.confirmations.sizes == {"asked": 0, "confirmed": 1}

    run(work)


def test_events_of_refusals_are_published(gate_topics: KafkaSettings) -> None:
    event = refused_event("jo@mod.gov.uk", "sam@navy.ml", ask_id="1", mail_id="2", asked_ms=START_MS)

    async def work() -> None:
        async with following(gate_topics) as store:
            store.publish(event)

    run(work)
    [record] = read_to_end(gate_topics, topic_names(gate_topics).events)
    assert decode(record.value, now_ms=START_MS) == event


def test_records_of_others_are_skipped(
    broker: Broker, gate_topics: KafkaSettings, caplog: pytest.LogCaptureFixture
) -> None:
    produce(broker, topic_names(gate_topics).gate, [b"x", b"{}"], key=b"asked:1")

    async def work() -> None:
        async with following(gate_topics) as store:
            assert len(store.confirmations) == 0

    run(work)
    assert "2 records can't be used" in caplog.text


def test_before_it_is_connected_nothing_is_stored() -> None:
    store = store_of(KafkaSettings())

    async def work() -> None:
        with pytest.raises(NotStoredError, match="no broker can be reached"):
            await store.put([ASKED])
        store.put_later([ASKED])
        store.publish(refused_event("jo@mod.gov.uk", "sam@navy.ml", ask_id="1", mail_id="2", asked_ms=START_MS))

    run(work)
    assert store.problem is not None


def test_what_could_not_be_sent_before_it_is_connected_is_sent_then(gate_topics: KafkaSettings) -> None:
    async def work() -> None:
        async with following(gate_topics) as other:
            await other.put([ASKED])
            store = store_of(gate_topics)
            store.put_later([withdrawn_record(KEY)])
            async with running(store):
                await until(lambda: not other.confirmations.sizes["asked"])

    run(work)


def test_without_its_topic_it_stores_nothing_and_tries_again(
    broker: Broker, settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_store, "RETRY_SECONDS", 0.05)
    names = topic_names(settings)

    async def work() -> None:
        async with following(settings, is_usable=False) as store:
            await until(lambda: names.gate in (store.problem or ""))
            broker.create_topics({names.gate: 1, names.events: 1})
            await until(lambda: store.problem is None)
            await store.put([ASKED])

    run(work)
