"""A consumer of one topic, without a group."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams.errors import BrokerError
from streams.kafka.clients.consumer import PlainConsumer, Since, Start, with_retries
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.settings import KafkaSettings
from tests.broker.contract import produce
from tests.broker.faults import refuse_offsets


def failing(*codes: int) -> Iterator[int]:
    """A request that fails with each of these errors in turn, and then is answered with 1."""
    yield from codes
    while True:
        yield 0


def asked(codes: Iterator[int]) -> int:
    code = next(codes)
    if code:
        raise KafkaException(KafkaError(code))
    return 1


def test_a_request_is_repeated_while_leaders_move() -> None:
    moving = failing(KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.COORDINATOR_LOAD_IN_PROGRESS)
    assert with_retries(lambda: asked(moving), 10) == 1


@pytest.mark.parametrize(
    ("code", "limit_s"), [(KafkaError.TOPIC_AUTHORIZATION_FAILED, 10), (KafkaError.NOT_LEADER_FOR_PARTITION, 0)]
)
def test_a_request_fails_at_once_for_good_or_at_its_limit(code: int, limit_s: float) -> None:
    refused = failing(*[code] * 3)
    with pytest.raises(KafkaException):
        with_retries(lambda: asked(refused), limit_s)


@pytest.fixture
def reader(embedded_broker: EmbeddedBroker) -> Iterator[PlainConsumer]:
    """Of a topic with four records in partition 0 and none in partition 1."""
    embedded_broker.create_topics({"read": 2})
    produce(embedded_broker, "read", [b"0", b"1", b"2", b"3"])
    with PlainConsumer(KafkaSettings(brokers=embedded_broker.bootstrap), "read", silence_s=10) as reader:
        yield reader


def test_what_there_is(reader: PlainConsumer) -> None:
    assert reader.partitions() == [0, 1]
    assert [reader.watermarks(partition) for partition in range(2)] == [(0, 4), (0, 0)]


@pytest.mark.parametrize(
    ("start", "offsets"),
    [
        ("beginning", {0: 0, 1: 0}),
        ("end", {0: 4, 1: 0}),
        ({0: 2}, {0: 2, 1: 0}),
        ({0: 99, 1: 99}, {0: 4, 1: 0}),
        ({0: -5}, {0: 0, 1: 0}),
    ],
)
def test_a_start_is_moved_to_what_there_is(reader: PlainConsumer, start: Start, offsets: dict[int, int]) -> None:
    assert reader.offsets([0, 1], start) == offsets


def test_records_and_ends_come_and_a_paused_partition_is_silent(reader: PlainConsumer) -> None:
    reader.assign({0: 1})
    values: list[bytes | None] = []
    while not (got := reader.poll()) or got[-1].error() is None:
        values += [message.value() for message in got]
    values += [message.value() for message in got[:-1]]
    assert values == [b"1", b"2", b"3"]
    reader.pause(0)
    assert reader.poll() == []


def test_a_new_client_goes_on_where_one_that_lost_all_brokers_stopped(
    reader: PlainConsumer, embedded_broker: EmbeddedBroker
) -> None:
    reader.assign({0: 1, 1: 0})
    values: list[bytes | None] = []
    for partition, expected in ((0, [b"1", b"2", b"3"]), (1, [b"x"]), (0, [b"y"])):
        while len(values) < len(expected):
            values += [message.value() for message in reader.poll() if message.error() is None]
        assert values == expected
        values.clear()
        reader._lost_brokers.found = True
        produce(embedded_broker, "read", [b"x"] if partition == 0 else [b"y"], partition=1 - partition)


def poll_for_ever(reader: PlainConsumer) -> None:
    while True:
        assert reader.poll() == []


def test_silence_that_lasts_too_long_is_an_error(embedded_broker: EmbeddedBroker) -> None:
    embedded_broker.create_topics({"read": 1})
    settings = KafkaSettings(brokers=embedded_broker.bootstrap)
    with PlainConsumer(settings, "read", silence_s=0.3) as reader, pytest.raises(BrokerError, match="can't read read"):
        poll_for_ever(reader)


@pytest.mark.parametrize("start", ["beginning", Since(0)])
def test_a_partition_without_a_leader_yet_is_retried(
    embedded_broker: EmbeddedBroker, prefix: str, start: Start
) -> None:
    name, settings = f"{prefix}new", KafkaSettings(brokers=embedded_broker.bootstrap)
    embedded_broker.create_topics({name: 1})
    produce(embedded_broker, name, [b"record"])
    with PlainConsumer(settings, name, silence_s=10) as reader:
        refuse_offsets(embedded_broker, 3)
        assert set(reader.offsets([0], start)) == {0}
