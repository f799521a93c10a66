"""What the console keeps of the topics that it reads."""

from __future__ import annotations

import asyncio

import pytest

from streams.config import load_settings
from streams.console.store import ConsoleStore, read_hit
from streams.errors import UnreadableRecord
from streams.events.alert import encode_alert
from streams.events.hit import Tick, encode_hit, encode_tick
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.topics.names import topic_names
from tests.broker.contract import produce
from tests.cli.finding import finding
from tests.console.samples import UIDS, hit

STOPPED = hit("3", "rejected", asked="asked")


def test_a_watermark_message_is_no_hit() -> None:
    each = hit("1")
    assert read_hit(encode_hit(each)) == (each, encode_hit(each))
    assert read_hit(encode_tick(Tick({"0": 1}, 1))) is None
    with pytest.raises(UnreadableRecord):
        read_hit(b"{")


def test_findings_and_mails_are_read_and_whoever_waits_hears_of_it(embedded_broker: EmbeddedBroker) -> None:
    settings = load_settings(overrides={"brokers": embedded_broker.bootstrap})
    names = topic_names(settings)
    embedded_broker.create_topics({names.alerts: 1, names.typo_hits: 1})
    produce(embedded_broker, names.alerts, [encode_alert(finding()), b"no alert"])
    produce(embedded_broker, names.typo_hits, list(map(encode_hit, (hit("1"), hit("1"), STOPPED, hit("2")))))

    async def work() -> None:
        store = ConsoleStore(settings.console_inputs())
        async with store.reading(), asyncio.timeout(30), store.changed:
            await store.changed.wait_for(
                lambda: store.mails == 2 and len(store.findings) == 1 and store.unreadable == 1
            )
        newest = store.findings.get(UIDS[0])
        assert newest is not None
        assert len(store.hits.mails(newest.view(), store.inputs.hits_of_rule)) == 3, (
            "what the gate stopped is shown too"
        )
        assert store.problem == ""

    asyncio.run(work())


def test_each_process_has_versions_of_its_own() -> None:
    inputs = load_settings().console_inputs()
    assert ConsoleStore(inputs).epoch != ConsoleStore(inputs).epoch
