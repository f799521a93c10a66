"""Whether a worker's clock agrees with the broker's, on a real producer whose acknowledgements the test stamps."""

from __future__ import annotations

import logging
import math
from typing import Any

import pytest

from streams import clock
from streams.kafka.clients import broker_time
from streams.kafka.embedded import EmbeddedBroker
from streams.metrics import Metrics
from streams.worker.broker_clock import ALLOWED_SKEW_MS, ANSWER_S, BrokerClock
from tests.broker.faults import take_leader, take_no_records
from tests.kafka.clients.running import run, running
from tests.worker.samples import read, sample

TOPIC = "mail.typo-hits"
PROBE = b'{"tick":{},"of":1}'
WEEK_MS = 7 * 86_400_000


@pytest.fixture
def broker(embedded_broker: EmbeddedBroker) -> EmbeddedBroker:
    embedded_broker.create_topics({TOPIC: 2})
    return embedded_broker


class Stamps:
    """The broker's time: the clock's, less a skew; the embedded broker stamps no record."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.skew_ms: int | None = None
        self.of_partition: dict[int, int] = {}
        monkeypatch.setattr(broker_time, "appended_ms", self._appended_ms)

    def _appended_ms(self, message: Any) -> int | None:
        skew_ms = self.of_partition.get(message.partition(), self.skew_ms)
        return None if skew_ms is None else clock.now_ms() - skew_ms


@pytest.fixture
def stamps(monkeypatch: pytest.MonkeyPatch) -> Stamps:
    return Stamps(monkeypatch)


def compare(broker: EmbeddedBroker, stamps: Stamps, metrics: Metrics, *skews_ms: int) -> list[tuple[bool, int]]:
    """After each comparison: whether the clock is right, and how far (ms) it is ahead of the present that is used."""
    found: list[tuple[bool, int]] = []

    async def work() -> None:
        async with running(broker) as producer:
            broker_clock = BrokerClock(producer, TOPIC, 2, PROBE, metrics)
            for stamps.skew_ms in skews_ms:
                is_right = await broker_clock.compare()
                found.append((is_right, clock.now_ms() - broker_clock.now_ms()))

    run(work)
    return found


@pytest.mark.parametrize("skew_ms", [0, 1_000, -1_000, ALLOWED_SKEW_MS - 1_000, 1_000 - ALLOWED_SKEW_MS])
def test_a_clock_may_differ_by_five_minutes(broker: EmbeddedBroker, stamps: Stamps, skew_ms: int) -> None:
    metrics = Metrics("test")
    ((is_right, differs_ms),) = compare(broker, stamps, metrics, skew_ms)
    assert is_right
    assert abs(differs_ms) < 100
    value = sample(metrics, "clock_skew_seconds")
    assert value is not None
    assert abs(value - skew_ms / 1000) < 30  # the answer may be slow


@pytest.mark.parametrize("skew_ms", [WEEK_MS, -WEEK_MS, 2 * ALLOWED_SKEW_MS, -2 * ALLOWED_SKEW_MS])
def test_beyond_that_it_is_wrong_and_the_present_is_the_brokers(
    broker: EmbeddedBroker, stamps: Stamps, skew_ms: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "streams.worker.broker_clock"):
        found = compare(broker, stamps, Metrics("test"), skew_ms, skew_ms, 0)
    assert [is_right for is_right, _ in found] == [False, False, True]
    assert all(
        abs(found_ms - expected_ms) < 30_000
        for (_, found_ms), expected_ms in zip(found, (skew_ms, skew_ms, 0), strict=True)
    )
    wrong, right = (record for record in caplog.records if record.name == "streams.worker.broker_clock")
    assert ("ahead of" if skew_ms > 0 else "behind") in wrong.getMessage()
    assert (wrong.levelno, right.levelno) == (logging.ERROR, logging.INFO)
    assert "right again" in right.getMessage()


@pytest.mark.parametrize(
    ("of_partition", "is_right"),
    [
        ({0: WEEK_MS}, True),
        ({0: -WEEK_MS}, True),
        ({1: WEEK_MS, 2: 2 * WEEK_MS}, False),
        ({0: 0, 1: WEEK_MS, 2: -2 * WEEK_MS}, False),
        ({1: 2 * ALLOWED_SKEW_MS, 2: 1_000}, True),
    ],
)
def test_where_brokers_differ_more_than_half_of_the_partitions_decide(
    broker: EmbeddedBroker,
    stamps: Stamps,
    caplog: pytest.LogCaptureFixture,
    of_partition: dict[int, int],
    is_right: bool,
) -> None:
    stamps.skew_ms, stamps.of_partition, metrics = 0, of_partition, Metrics("test")
    broker.create_topics({"three": 3})

    async def work() -> None:
        async with running(broker) as producer:
            broker_clock = BrokerClock(producer, "three", 3, PROBE, metrics)
            assert [await broker_clock.compare() for _ in range(2)] == [is_right, is_right]

    run(work)
    (line,) = [record.getMessage() for record in caplog.records if "clocks of brokers differ" in record.getMessage()]
    worst = max(of_partition, key=lambda partition: abs(of_partition[partition]))
    assert f"leader of partition {worst} of topic three" in line
    value = sample(metrics, "clock_skew_seconds")
    assert value is not None
    assert abs(value - of_partition[worst] / 1000) < 30


def test_a_partition_without_a_leader_does_not_hold_the_comparison(broker: EmbeddedBroker, stamps: Stamps) -> None:
    stamps.skew_ms = 0

    async def work() -> None:
        async with running(broker) as producer:
            broker_clock = BrokerClock(producer, TOPIC, 2, PROBE, Metrics("test"))
            begin_s = clock.monotonic()
            assert await broker_clock.compare()
            assert clock.monotonic() - begin_s < ANSWER_S

    take_leader(broker, TOPIC, 0)
    run(work)


def test_a_topic_that_the_broker_does_not_stamp_leaves_its_time_unknown(
    broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with running(broker) as producer:
            broker_clock = BrokerClock(producer, TOPIC, 2, PROBE, metrics)
            assert [await broker_clock.compare() for _ in range(2)] == [True, True]

    metrics = Metrics("test")
    with caplog.at_level(logging.INFO, "streams.worker.broker_clock"):
        run(work)
    value = sample(metrics, "clock_skew_seconds")
    assert value is not None
    assert math.isnan(value)
    (line,) = (record for record in caplog.records if record.name == "streams.worker.broker_clock")
    assert "message.timestamp.type=LogAppendTime" in line.getMessage()
    assert sorted(record.partition for record in read(broker, TOPIC)) == [0, 0, 1, 1]


def test_without_an_answer_the_last_one_holds(
    broker: EmbeddedBroker, stamps: Stamps, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with running(broker) as producer:
            first, later = (BrokerClock(producer, TOPIC, 2, PROBE, Metrics("test")) for _ in range(2))
            stamps.skew_ms = 0
            assert await later.compare()
            monkeypatch.setattr("streams.worker.broker_clock.ANSWER_S", 0.2)
            take_no_records(broker)
            assert [await first.compare() for _ in range(2)] == [False, False], "nothing is known"
            assert await later.compare()
            monkeypatch.undo()

    run(work)
    assert len([record for record in caplog.records if "took no record within" in record.getMessage()]) == 2
