"""Topics read in threads of their own, even before they exist."""

from __future__ import annotations

import pytest

from streams.console.feed import TopicFeed
from streams.console.store import read_hit
from streams.events.hit import Tick, encode_hit, encode_tick
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.settings import KafkaSettings
from tests.console.samples import hit
from tests.pipeline.worker import wait_until

TOPIC = "mail.typo-hits"


def test_hits_are_read_ticks_are_skipped_and_rubbish_is_counted(embedded_broker: EmbeddedBroker) -> None:
    settings = KafkaSettings(brokers=embedded_broker.bootstrap)
    embedded_broker.create_topics({TOPIC: 2})
    feed = TopicFeed(settings, TOPIC, read_hit)
    feed.start()
    taken: list[str] = []

    def all_taken() -> bool:
        taken.extend(each.event_id for each, _ in feed.take(100))
        return len(taken) == 2 and feed.unreadable == 1

    try:
        with SyncProducer(settings, TOPIC) as sender:
            for value in (encode_hit(hit("1")), encode_tick(Tick({"0": 1}, 1)), b"rubbish", None, encode_hit(hit("2"))):
                sender.send(value)
        wait_until(all_taken, seconds=30, what="both hits are taken")
        assert sorted(taken) == ["e-1", "e-2"]
        assert feed.problem == ""
    finally:
        feed.stop()


def test_a_missing_topic_is_reported_and_waited_for(
    embedded_broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.console.feed.RETRY_SECONDS", 0.2)
    settings = KafkaSettings(brokers=embedded_broker.bootstrap)
    feed = TopicFeed(settings, TOPIC, read_hit)
    feed.start()
    try:
        wait_until(lambda: "there is no topic" in feed.problem, seconds=30, what="the missing topic is reported")
        embedded_broker.create_topics({TOPIC: 1})
        with SyncProducer(settings, TOPIC) as sender:
            sender.send(encode_hit(hit("1")))
        wait_until(lambda: len(feed.take(10)) == 1, seconds=30, what="the hit is taken")
        assert feed.problem == ""
    finally:
        feed.stop()


def test_a_reader_that_waits_for_its_full_queue_can_be_stopped(embedded_broker: EmbeddedBroker) -> None:
    settings = KafkaSettings(brokers=embedded_broker.bootstrap)
    embedded_broker.create_topics({TOPIC: 1})
    with SyncProducer(settings, TOPIC) as sender:
        for number in range(5_000):
            sender.send(encode_hit(hit(str(number))))
    feed = TopicFeed(settings, TOPIC, read_hit)
    feed.start()
    wait_until(lambda: len(feed.take(1)) == 1, seconds=30, what="it reads")
    feed.stop()
    assert not feed.is_running
