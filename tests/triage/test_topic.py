"""Decisions in mail.triage, on a broker."""

from __future__ import annotations

import logging

import pytest

from streams.errors import BrokerError
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.settings import KafkaSettings
from streams.triage.decide import decide
from streams.triage.topic import store_decisions, stored_decisions
from tests.broker.contract import produce
from tests.triage.findings import SEEN_MS, Finding

NOTE = "not for the log"


def test_the_last_decision_on_a_finding_holds_and_each_is_logged(
    embedded_broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    settings = KafkaSettings(brokers=embedded_broker.bootstrap)
    embedded_broker.create_topics({"mail.triage": 1})
    produce(embedded_broker, "mail.triage", [b"rubbish"])
    other = Finding(uid="b2" * 16)
    first = decide("acknowledge", Finding(), None, user="ross", now_ms=SEEN_MS + 2)
    second = decide("resolve", Finding(), first, user="khan", now_ms=SEEN_MS + 1, note=NOTE)
    with caplog.at_level(logging.INFO):
        store_decisions(settings, [first, decide("reopen", other, None, user="khan", now_ms=SEEN_MS)])
        store_decisions(settings, [second])
    found = stored_decisions(settings)
    assert found[Finding().uid] == second, "whatever the clocks of the two say"
    assert found.keys() == {Finding().uid, other.uid}
    assert f"finding {Finding().uid}: Resolved, by khan" in caplog.text
    assert NOTE not in caplog.text


def test_a_missing_topic_is_one_sentence(embedded_broker: EmbeddedBroker) -> None:
    settings = KafkaSettings(brokers=embedded_broker.bootstrap)
    with pytest.raises(BrokerError, match=r"mail\.triage"):
        stored_decisions(settings)
