"""All metrics that straymail exports, typed. Units are seconds and bytes; no label contains an address or a domain."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import product

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics import disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # _created series would double those of each counter, unused

OUTCOMES = ("scored", "bounce", "not-ours", "not-a-domain", "unreadable")
STEPS = ("score", "count")
OTHER = "other"
MEMORY_KINDS = ("person", "correspondent")
MEMORY_ANSWERS = ("sender", "colleague", "nobody")
MEMORY_SKIPPED = ("unreadable", "other-key")

GATE_OUTCOMES = ("asked", "confirmed", "corrected")
GATE_STORED = ("asked", "confirmed")

ANSWER_BUCKETS = (1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5)
SCORE_BUCKETS = (5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3)
BATCH_BUCKETS = (1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5)
AGE_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600)
SIZE_BUCKETS = (1, 10, 50, 100, 250, 500, 1000, 1500, 2000)


class Metrics:
    """The metrics of one process, in their own registry. Counters are increased once a batch, never once an event."""

    def __init__(self, version: str) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"straymail_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"straymail_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: Iterable[float], *labels: str) -> Histogram:
            return Histogram(f"straymail_{name}", text, labels, registry=registry, buckets=tuple(buckets))

        self.events = counter("events", "Mail events read, by outcome.", "outcome")
        self.typo_hits = counter("typo_hits", "Typo hits published, by slip.", "slip")
        self.alerts = counter("alerts", "Alerts published.", "rule", "severity", "activity")
        self.findings_open = gauge("findings_open", "Findings whose window has not ended, on this worker.", "rule")
        self.state_damaged = gauge(
            "state_damaged", "Partitions whose state has lost records, until their hits are counted again.", "topic"
        )
        self.late_hits = counter("late_hits", "Hits that arrived after the state of their window was dropped.")
        self.repeated_hits = counter(
            "repeated_hits", "Hits read again after the state of their window was dropped, and not counted again."
        )
        self.dead_letters = counter("dead_letters", "Records that could not be read, by reason.", "reason")
        self.score = histogram("score_seconds", "Time to score a domain that was not cached.", SCORE_BUCKETS)
        self.domains_scored = counter(
            "domains_scored", "Recipient domains scored, by whether the verdict was cached.", "cache"
        )
        self.recipients_not_domains = counter(
            "recipients_not_domains", "Recipients whose domain is not a domain name, so that it has no verdict."
        )
        self.domains_over_limit = counter(
            "domains_over_limit", "Mistaken domains without a hit, since their mail event has more than 100 of them."
        )
        self.dns_facts = counter(
            "dns_facts", "Mistaken domains of batches, by whether what DNS says was known in time.", "facts"
        )
        self.batch_events = histogram("batch_events", "Records in a batch.", SIZE_BUCKETS, "step")
        self.batch_seconds = histogram("batch_seconds", "Time to process a batch.", BATCH_BUCKETS, "step")
        self.event_age = histogram(
            "event_age_seconds", "Age of the newest mail event of a batch when scored.", AGE_BUCKETS
        )
        self.last_event = gauge("last_event_timestamp_seconds", "Time of the newest mail event, by source.", "source")
        self.consumer_lag = gauge(
            "consumer_lag", "Records not yet read, of the assigned partitions; 0 at their end.", "topic", "partition"
        )
        self.delivery_failures = counter("delivery_failures", "Records that the broker refused permanently.")
        self.records_skipped = counter(
            "records_skipped", "Records that retention deleted before they were read.", "topic"
        )
        self.stale_batches = counter("stale_batches", "Batches fetched before a rebalance and dropped after it.")
        self.rebalances = counter("rebalances", "Rebalances of the consumer group that this worker saw.")
        self.watchlist_domains = gauge("watchlist_domains", "Watched domains in the watchlist in use.")
        self.watchlist_reloads = counter(
            "watchlist_reloads", "Watchlist reloads after a change of the file, by result.", "result"
        )
        self.watchlist_expiring = gauge("watchlist_entries_expiring", "Watchlist entries that expire within 14 days.")
        self.memory_entries = gauge("memory_entries", "Entries of this worker's memory, by kind.", "kind")
        self.memory_since = gauge(
            "memory_since_timestamp_seconds", "Day up to which the memory knows the mail out, without a gap; 0: none."
        )
        self.memory_learned = counter("memory_learned", "Entries that mail read by this worker has changed.", "kind")
        self.memory_evicted = counter(
            "memory_evicted", "Entries dropped because the memory was full, those that strangers alone wrote first."
        )
        self.memory_asked = counter(
            "memory_asked",
            "Typo hits judged with memory, by who knew the recipient at the intended domain.",
            "known_to",
        )
        self.memory_records_skipped = counter(
            "memory_records_skipped", "Records of the memory's topic that could not be used, by reason.", "reason"
        )
        self.clock_skew = gauge(
            "clock_skew_seconds",
            "How far this worker's clock is ahead of the broker's (where brokers differ, the one that it differs most"
            " from); NaN where their time is not known.",
        )
        self.clock_skew.set(math.nan)
        self.watermarks_left_out = counter(
            "watermarks_left_out",
            "Watermark messages of which something was left out, since it was ahead of the time of the broker.",
        )
        self.ready = gauge("ready", "1 when this worker has joined the group and restored its state.")
        self.build_info = gauge("build_info", "Always 1; the version is in the label.", "version")
        self.build_info.labels(version).set(1)
        self._newest_ms: dict[str, int] = {}

    def start_at_zero(
        self,
        *,
        rules: Iterable[str],
        severities: Iterable[str],
        activities: Iterable[str],
        slips: Iterable[str],
        reasons: Iterable[str],
        sources: Iterable[str],
        topics: Iterable[str],
    ) -> None:
        """Export a sample for each label value that is known in advance, so that a rate over it starts at 0."""
        rules = list(rules)
        for metric, values in (
            (self.events, OUTCOMES),
            (self.typo_hits, slips),
            (self.dead_letters, reasons),
            (self.findings_open, rules),
            (self.domains_scored, ("hit", "miss")),
            (self.dns_facts, ("known", "unknown")),
            (self.watchlist_reloads, ("success", "failure")),
            (self.batch_events, STEPS),
            (self.batch_seconds, STEPS),
            (self.records_skipped, topics),
            (self.state_damaged, topics),
            (self.last_event, sources),
            (self.memory_entries, MEMORY_KINDS),
            (self.memory_learned, MEMORY_KINDS),
            (self.memory_asked, MEMORY_ANSWERS),
            (self.memory_records_skipped, MEMORY_SKIPPED),
        ):
            for value in values:
                metric.labels(value)
        for labels in product(rules, severities, activities):
            self.alerts.labels(*labels)

    def newest_event(self, source: str, time_ms: int) -> None:
        """Record that mail of this time (ms since the epoch) was read from a source."""
        newest = self._newest_ms.get(source, 0)
        if time_ms > newest:
            self._newest_ms[source] = time_ms
            self.last_event.labels(source).set(time_ms / 1000)

    def exposition(self) -> tuple[bytes, str]:
        """All metrics in the Prometheus text format, and its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST


class GateMetrics:
    """The metrics that only a gate has, in the registry of its process. Label values start at 0."""

    def __init__(
        self, metrics: Metrics, *, protocols: Iterable[str], decisions: Iterable[str], faults: Iterable[str]
    ) -> None:
        registry, protocols = metrics.registry, list(protocols)
        self.decisions = Counter(
            "straymail_gate_decisions",
            "Recipients judged, by protocol and decision.",
            ("protocol", "decision"),
            registry=registry,
        )
        self.would_ask = Counter(
            "straymail_gate_would_ask",
            "Questions that the mode confirm would ask where the mode is audit: a sender and a recipient once an hour.",
            ("protocol",),
            registry=registry,
        )
        self.faults = Counter(
            "straymail_gate_faults",
            "Recipients that passed since the gate could not judge, by reason.",
            ("reason",),
            registry=registry,
        )
        self.seconds = Histogram(
            "straymail_gate_seconds", "Time to answer.", ("protocol",), registry=registry, buckets=ANSWER_BUCKETS
        )
        self.outcomes = Counter(
            "straymail_gate_outcomes",
            "What senders did: were asked, confirmed, wrote to the intended address.",
            ("outcome",),
            registry=registry,
        )
        self.machines = Counter(
            "straymail_gate_machine_senders",
            "Senders that seem to confirm by machine: candidates for gate.automatic.",
            registry=registry,
        )
        self.stored = Gauge("straymail_gate_stored", "Decisions in memory, by kind.", ("kind",), registry=registry)
        self.connections = Gauge("straymail_gate_connections", "Open connections.", ("protocol",), registry=registry)
        self.bad_requests = Counter(
            "straymail_gate_bad_requests",
            "Requests that broke the protocol or its bounds.",
            ("protocol",),
            registry=registry,
        )
        for protocol in protocols:
            for metric in (self.seconds, self.connections, self.bad_requests, self.would_ask):
                metric.labels(protocol)
        for labels in product(protocols, decisions):
            self.decisions.labels(*labels)
        for reason in faults:
            self.faults.labels(reason)
        for outcome in GATE_OUTCOMES:
            self.outcomes.labels(outcome)
        for kind in GATE_STORED:
            self.stored.labels(kind)
