"""Several gates on one Kafka: they agree within 2 s, restarts forget nothing, and Kafka's faults stop no mail."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from streams.events.mail import decode
from streams.kafka.clients.read import read_to_end
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import topic_names
from tests.broker.apache import ApacheKafka
from tests.gate.mail.running_gate import WAIT_SECONDS, RunningGate
from tests.gate.policy_client import DUNNO, ask_policy
from tests.pipeline.worker import wait_until

AGREE_SECONDS = 2.0
DEADLINE_SECONDS = 1
"""Longer than the default: the machine of the tests does other things too."""


@pytest.fixture
def pipeline(apache_kafka: ApacheKafka, prefix: str) -> KafkaSettings:
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    return settings


@pytest.fixture
def own_kafka(kafka_jars: None) -> Iterator[ApacheKafka]:
    """One that may be stopped."""
    with ApacheKafka() as kafka:
        yield kafka


def gate_on(settings: KafkaSettings) -> RunningGate:
    return RunningGate(
        GATE_STORE="kafka",
        BROKERS=settings.brokers,
        TOPIC_PREFIX=settings.topic_prefix,
        OWN_DOMAINS="mod.gov.uk",
        PRIVACY_KEY="a key of the tests",
        GATE_DEADLINE=f"{DEADLINE_SECONDS}s",
    )


def test_what_is_confirmed_at_one_gate_passes_at_the_other_and_after_a_restart(pipeline: KafkaSettings) -> None:
    with gate_on(pipeline) as one, gate_on(pipeline) as other:
        assert ask_policy(one.policy, "sam@army.ml", instance="1") != DUNNO
        time.sleep(WAIT_SECONDS + 0.1)  # a person waits
        assert ask_policy(other.policy, "sam@army.ml", instance="2") == DUNNO, "asked at one, confirmed at the other"
        since = time.monotonic()
        wait_until(
            lambda: ask_policy(one.policy, "sam@army.ml", instance="1") == DUNNO,
            seconds=AGREE_SECONDS,
            what="the first gate knows it",
        )
        assert time.monotonic() - since < AGREE_SECONDS
        for gate in (one, other):
            assert gate.stop() == 0
            gate.start()
            gate.wait_ready()
            assert ask_policy(gate.policy, "sam@army.ml", instance="3") == DUNNO
            assert ask_policy(gate.policy, "kim@army.ml", instance="3") != DUNNO
    values = [record.value for record in read_to_end(pipeline, topic_names(pipeline).events)]
    events = [decode(value, now_ms=None) for value in values]
    assert sorted((event.recipients[0], event.labels or []) for event in events) == [
        ("kim@army.ml", ["asked"]),
        ("sam@army.ml", ["asked"]),
        ("sam@army.ml", ["asked", "confirmed"]),
    ]


def test_a_correction_is_counted_once_across_gates(pipeline: KafkaSettings) -> None:
    with gate_on(pipeline) as one, gate_on(pipeline) as other:
        assert ask_policy(one.policy, "sam@army.ml", instance="1") != DUNNO
        wait_until(
            lambda: other.metric("straymail_gate_stored", kind="asked") >= 1 or _corrected(one, other) == 1,
            seconds=20,
            what="the other gate has read the ask",
        )
        for number in range(3):
            assert ask_policy(other.policy, "sam@army.mil", instance=f"2.{number}") == DUNNO
        wait_until(lambda: _corrected(one, other) == 1, seconds=5, what="it is counted")
        time.sleep(AGREE_SECONDS)  # the first gate has read it
        assert ask_policy(one.policy, "sam@army.mil", instance="3") == DUNNO
        assert _corrected(one, other) == 1


def _corrected(*gates: RunningGate) -> float:
    return sum(gate.metric("straymail_gate_outcomes_total", outcome="corrected") for gate in gates)


def test_a_broker_that_hangs_or_is_gone_stops_no_mail(own_kafka: ApacheKafka, prefix: str) -> None:
    settings = KafkaSettings(brokers=own_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    with gate_on(settings) as gate:
        assert ask_policy(gate.policy, "a@army.ml") != DUNNO
        own_kafka.send_signal(signal.SIGSTOP)
        try:
            begin = time.monotonic()
            assert ask_policy(gate.policy, "b@army.ml") == DUNNO, "that it was asked can't be stored"
            assert time.monotonic() - begin < 2 * DEADLINE_SECONDS
        finally:
            own_kafka.send_signal(signal.SIGCONT)
        wait_until(lambda: ask_policy(gate.policy, "c@army.ml") != DUNNO, seconds=30, what="Kafka answers again")
        time.sleep(WAIT_SECONDS + 0.1)  # a person waits
        assert ask_policy(gate.policy, "b@army.ml", instance="2") != DUNNO, "the sender has not been asked yet"
        own_kafka.stop()
        wait_until(lambda: gate.get("/health/ready")[0] == 503, seconds=30, what="the gate notices")
        assert ask_policy(gate.policy, "a@army.ml", instance="3") == DUNNO
        assert ask_policy(gate.policy, "d@army.ml") == DUNNO
        own_kafka.start()
        gate.wait_ready()
        assert ask_policy(gate.policy, "d@army.ml", instance="2") != DUNNO
        assert gate.stop() == 0
