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
from streams.worker.broker_clock import ALLOWED_SKEW_MS, BrokerClock
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
        monkeypatch.setattr(broker_time, "appended_ms", self._appended_ms)

    def _appended_ms(self, _message: Any) -> int | None:
        return None if self.skew_ms is None else clock.now_ms() - self.skew_ms


@pytest.fixture
def stamps(monkeypatch: pytest.MonkeyPatch) -> Stamps:
    return Stamps(monkeypatch)


def compare(broker: EmbeddedBroker, stamps: Stamps, metrics: Metrics, *skews_ms: int) -> list[tuple[bool, int]]:
    """After each comparison: whether the clock is right, and how far (ms) it is ahead of the present that is used."""
    found: list[tuple[bool, int]] = []

    async def work() -> None:
        async with running(broker) as producer:
            broker_clock = BrokerClock(producer, TOPIC, PROBE, metrics)
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


def test_a_topic_that_the_broker_does_not_stamp_leaves_its_time_unknown(
    broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with running(broker) as producer:
            broker_clock = BrokerClock(producer, TOPIC, PROBE, metrics)
            assert [await broker_clock.compare() for _ in range(2)] == [True, True]

    metrics = Metrics("test")
    with caplog.at_level(logging.INFO, "streams.worker.broker_clock"):
        run(work)
    value = sample(metrics, "clock_skew_seconds")
    assert value is not None
    assert math.isnan(value)
    (line,) = (record for record in caplog.records if record.name == "streams.worker.broker_clock")
    assert "message.timestamp.type=LogAppendTime" in line.getMessage()
    assert [record.partition for record in read(broker, TOPIC)] == [0, 0]


def test_without_an_answer_the_last_one_holds(
    broker: EmbeddedBroker, stamps: Stamps, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        async with running(broker) as producer:
            first, later = (BrokerClock(producer, TOPIC, PROBE, Metrics("test")) for _ in range(2))
            stamps.skew_ms = 0
            assert await later.compare()
            monkeypatch.setattr("streams.worker.broker_clock.ANSWER_S", 0.0)
            assert [await first.compare() for _ in range(2)] == [False, False], "nothing is known"
            assert await later.compare()
            monkeypatch.undo()

    run(work)
    assert len([record for record in caplog.records if "took no record within" in record.getMessage()]) == 2
