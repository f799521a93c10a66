"""mail.triage: where decisions are stored, for the console and the command line alike."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from streams.errors import BrokerError, UnreadableRecord
from streams.events.safe_text import clean_name
from streams.kafka.clients.read import read_to_end
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.names import topic_names
from streams.triage.decision import TriageDecision, read_decision, triage_record

log = logging.getLogger(__name__)


def store_decisions(settings: KafkaSettings, decisions: Iterable[TriageDecision]) -> None:
    """Store the decisions, and log each: who, and on which finding, but neither note nor mail. It blocks until the
    broker has acknowledged them. Raises BrokerError, after which some of them may be stored."""
    decisions = list(decisions)
    with SyncProducer(settings, topic_names(settings).triage) as producer:
        for decision in decisions:
            key, value = triage_record(decision)
            producer.send(value, key=key)
    if producer.refused:
        raise BrokerError(f"{topic_names(settings).triage}: Kafka refuses the decision: {producer.refusal}")
    for decision in decisions:
        log.info("triage: finding %s: %s, by %s", decision.finding_uid, decision.status, clean_name(decision.user))


def stored_decisions(settings: KafkaSettings) -> dict[str, TriageDecision]:
    """The last decision on each finding, by its uid; what can't be read is skipped. It blocks. Raises BrokerError."""
    found: dict[str, TriageDecision] = {}
    for record in read_to_end(settings, topic_names(settings).triage):
        try:
            decision = read_decision(record.value or b"")
        except UnreadableRecord:
            continue
        found[decision.finding_uid] = decision
    return found
