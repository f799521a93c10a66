"""What becomes of a record that can't be read, on a real producer and a broker."""

from __future__ import annotations

from typing import Any

import pytest

from streams.errors import UnreadableRecord
from streams.events.dead_letter import DeadLetter, DeadLetterContent, decode
from streams.events.reasons import Reason
from streams.kafka.clients.read import read_to_end
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.settings import KafkaSettings
from streams.metrics import Metrics
from streams.worker.dead_letters import DeadLetters
from tests.broker.apache import ApacheKafka
from tests.broker.contract import Broker
from tests.kafka.clients.running import run, running
from tests.kafka.dataplane.batches import batch_of
from tests.worker.samples import DEAD_LETTERS, PRIVACY, sample

REFUSED = UnreadableRecord(Reason.NOT_JSON, "It is no JSON.")


def letters_of(
    broker: Broker,
    *values: bytes | None,
    topic: str = DEAD_LETTERS,
    keep: DeadLetterContent = "whole",
    max_bytes: int = 1_000_000,
    **config: Any,
) -> list[DeadLetter]:
    """The dead letters that the broker has after these values were sent; `config` is the producer's."""
    metrics = Metrics("test")

    async def work() -> None:
        async with running(broker, **config) as producer:
            letters = DeadLetters(producer, topic, keep=keep, max_bytes=max_bytes, privacy=PRIVACY, metrics=metrics)
            batch, pending = batch_of(values, partition=4, first=90, key=b"Jo@mod.example"), producer.pending_acks()
            for index in range(len(values)):
                await letters.send(batch, index, REFUSED, pending)
            await pending.wait()
            assert pending.sent == pending.done == len(values)

    run(work)
    assert sample(metrics, "dead_letters_total", reason="not-json") == len(values)
    return [decode(r.key, r.value, r.headers) for r in read_to_end(KafkaSettings(brokers=broker.bootstrap), topic)]


@pytest.fixture
def broker(embedded_broker: EmbeddedBroker) -> EmbeddedBroker:
    embedded_broker.create_topics({DEAD_LETTERS: 1})
    return embedded_broker


def test_a_dead_letter_has_the_bytes_their_place_and_the_reason(
    broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    letters = letters_of(broker, b"{", None)
    common = ("not-json", "It is no JSON.", "mail.events", 4)
    key = PRIVACY.digest("jo@mod.example")
    assert letters == [
        DeadLetter(*common, 90, 90, key, b"{", 1),
        DeadLetter(*common, 91, 91, key, None, 0),
    ]
    assert caplog.messages == [
        f"topic mail.events, partition 4, offset {offset} is unreadable (not-json): It is no JSON. "
        "It was sent to mail.dead-letters."
        for offset in (90, 91)
    ]


def test_where_metadata_alone_is_kept_the_content_stays_away(broker: EmbeddedBroker) -> None:
    (letter,) = letters_of(broker, b"secret", keep="metadata")
    assert (letter.value, letter.length, letter.is_whole) == (b"", 6, False)


def test_what_the_broker_takes_is_kept_whole_whatever_the_limit(broker: EmbeddedBroker) -> None:
    (letter,) = letters_of(broker, b"x" * 5_000, max_bytes=1_000)
    assert letter.is_whole


def test_what_the_broker_finds_too_large_is_cut(
    apache_kafka: ApacheKafka, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    topic = f"{prefix}dead-letters"
    apache_kafka.create_topics({topic: 1}, {"max.message.bytes": "10000"})
    config: dict[str, Any] = {"compression.type": "none", "batch.size": 5_000}
    large, small = letters_of(apache_kafka, b"x" * 50_000, b"y", topic=topic, max_bytes=10_000, **config)[::-1]
    assert {letter.value for letter in (large, small) if letter.is_whole} == {b"y"}
    (cut,) = [letter for letter in (large, small) if not letter.is_whole]
    assert (cut.offset, cut.length) == (90, 50_000)
    assert 9_000 < len(cut.value or b"") < 10_000
    assert (
        f"offset 90 is too large for {topic}: only {len(cut.value or b'')} of its 50000 bytes are kept there"
        in caplog.text
    )
