"""The broker's time, from the records that it stamps."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from streams import clock
from streams.kafka.clients import broker_time
from streams.kafka.clients.broker_time import StampedAcks, measure_skew_ms, skew_ms
from streams.kafka.settings import KafkaSettings
from tests.broker.apache import ApacheKafka
from tests.kafka.clients.running import run, running


@pytest.mark.parametrize(
    ("sent", "appended", "received", "expected"),
    [
        (100, 100, 100, 0),
        (100, 150, 200, 0),
        (100, 99, 200, 1),
        (100, 201, 200, -1),
        (100, 40, 110, 60),
        (100, 5_000, 60_000, 0),
        (604_800_000, 0, 604_800_010, 604_800_000),
    ],
)
def test_the_skew_is_at_least_what_a_slow_answer_does_not_explain(
    sent: int, appended: int, received: int, expected: int
) -> None:
    assert skew_ms(sent, appended, received) == expected


@pytest.mark.parametrize(("stamped", "ahead_s"), [(True, 0), (True, 604_800), (True, -604_800), (False, 604_800)])
def test_the_skew_of_a_clock_is_measured(
    apache_kafka: ApacheKafka, prefix: str, monkeypatch: pytest.MonkeyPatch, stamped: bool, ahead_s: int
) -> None:
    topic = make_topic(apache_kafka, f"{prefix}hits", stamped=stamped)
    monkeypatch.setattr(broker_time, "now_ms", lambda: clock.now_ms() + 1000 * ahead_s)
    measured = measure_skew_ms(KafkaSettings(brokers=apache_kafka.bootstrap), topic, b"probe")
    assert (measured is not None) == stamped
    assert measured is None or abs(measured / 1000 - ahead_s) < 30


@pytest.mark.parametrize("stamped", [True, False])
def test_acknowledgements_have_the_time_of_the_broker(apache_kafka: ApacheKafka, prefix: str, stamped: bool) -> None:
    topic = make_topic(apache_kafka, f"{prefix}hits", stamped=stamped)

    async def work() -> None:
        async with running(apache_kafka) as producer:
            acks, before_ms = StampedAcks(producer), clock.now_ms()
            await producer.send(topic, b"probe", partition=0, pending=acks)
            await acks.wait()
            if stamped:
                assert acks.appended_ms is not None
                assert before_ms <= acks.appended_ms <= clock.now_ms()
            else:
                assert acks.appended_ms is None

    run(work)


def make_topic(kafka: ApacheKafka, name: str, *, stamped: bool) -> str:
    config = {"message.timestamp.type": "LogAppendTime" if stamped else "CreateTime"}
    new = NewTopic(name, 1, config=config)
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.create_topics([new])[name].result(30)
    return name
