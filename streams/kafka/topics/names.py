"""The table of topics: names, partitions and the configuration that the pipeline relies on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass

from streams.kafka.settings import KafkaSettings

DAY_MS = 86_400_000
ALERTS_WHOLE_MS = 7 * DAY_MS
"""Compaction leaves alerts alone for this long, so that a reader that was down sees every state of a finding."""
DEAD_LETTER_EXTRA_BYTES = 64 * 1024
"""Room in a dead letter for its headers (origin and reason), in addition to the unchanged mail event."""
TRIAGE_LONGER_DAYS = 30
"""Decisions on findings are kept for so much longer than alerts: a finding may be published after its decision."""

STAMPED = {"message.timestamp.type": "LogAppendTime"}
"""The broker stamps each record: workers compare their clocks with it, and refuse watermark messages that are ahead of
their time."""


@dataclass(frozen=True, slots=True)
class TopicNames:
    """The name of each topic, prefix included."""

    events: str
    typo_hits: str
    typo_domains: str
    alerts: str
    dead_letters: str
    typo_hits_state: str
    typo_domains_state: str
    correspondents: str
    gate: str
    triage: str

    @property
    def of_workers(self) -> tuple[str, ...]:
        """The topics that a worker uses: all but those of the gate and of people's decisions."""
        return tuple(name for name in astuple(self) if name not in (self.gate, self.triage))


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be.

    `config` has Kafka's own names and values; everything else is left to the brokers' defaults. `partitions` comes from
    the setting `topics.<partitions_setting>`. `partitions_fixed` is true where another number of partitions would move
    keys away from their state.
    """

    name: str
    partitions: int
    partitions_setting: str
    config: Mapping[str, str]
    partitions_fixed: bool = False


def topic_names(settings: KafkaSettings) -> TopicNames:
    prefix = settings.topic_prefix
    return TopicNames(
        events=f"{prefix}mail.events",
        typo_hits=f"{prefix}mail.typo-hits",
        typo_domains=f"{prefix}mail.typo-domains",
        alerts=f"{prefix}mail.alerts",
        dead_letters=f"{prefix}mail.dead-letters",
        typo_hits_state=f"{prefix}mail.typo-hits-state",
        typo_domains_state=f"{prefix}mail.typo-domains-state",
        correspondents=f"{prefix}mail.correspondents",
        gate=f"{prefix}mail.gate",
        triage=f"{prefix}mail.triage",
    )


def wanted_topics(settings: KafkaSettings) -> tuple[Topic, ...]:
    """All topics of the pipeline, as the settings want them."""
    names, own = topic_names(settings), settings.topics
    largest = {"max.message.bytes": str(own.event_max_bytes)}
    largest_dead = {"max.message.bytes": str(own.event_max_bytes + DEAD_LETTER_EXTRA_BYTES)}
    dead, alerts = _deleted(own.dead_letters_days) | largest_dead, _compacted_and_deleted(own.alerts_days)
    return (
        Topic(names.events, own.events_partitions, "events_partitions", _deleted(own.events_days) | largest),
        *(
            Topic(
                name, own.hits_partitions, "hits_partitions", _deleted(own.hits_days) | STAMPED, partitions_fixed=True
            )
            for name in (names.typo_hits, names.typo_domains)
        ),
        *(
            Topic(name, own.hits_partitions, "hits_partitions", _compacted(), partitions_fixed=True)
            for name in (names.typo_hits_state, names.typo_domains_state)
        ),
        Topic(names.alerts, own.alerts_partitions, "alerts_partitions", alerts),
        Topic(names.dead_letters, own.dead_letters_partitions, "dead_letters_partitions", dead),
        Topic(
            names.correspondents,
            own.correspondents_partitions,
            "correspondents_partitions",
            _table(own.correspondents_days),
        ),
        Topic(names.gate, own.gate_partitions, "gate_partitions", _table(own.gate_days)),
        Topic(
            names.triage,
            own.triage_partitions,
            "triage_partitions",
            _table(own.alerts_days + TRIAGE_LONGER_DAYS),
            partitions_fixed=True,  # of two decisions on a finding the later record holds
        ),
    )


def state_topic_of(settings: KafkaSettings) -> dict[str, str]:
    """The state topic of each hit topic."""
    names = topic_names(settings)
    return {names.typo_hits: names.typo_hits_state, names.typo_domains: names.typo_domains_state}


def _deleted(days: int) -> dict[str, str]:
    """The configuration of a topic with retention. Kafka deletes whole segments: as one is written for at most a day,
    records live at most a day longer than `days`."""
    return {"cleanup.policy": "delete", "retention.ms": str(days * DAY_MS), "segment.ms": str(DAY_MS)}


def _compacted_and_deleted(days: int) -> dict[str, str]:
    return _deleted(days) | {"cleanup.policy": "compact,delete", "min.compaction.lag.ms": str(ALERTS_WHOLE_MS)}


def _table(days: int) -> dict[str, str]:
    """The configuration of a table whose entries are of no use after some days."""
    return _compacted() | {"cleanup.policy": "compact,delete", "retention.ms": str(days * DAY_MS)}


def _compacted() -> dict[str, str]:
    """The configuration of a state topic, or of a table. Every restore reads it from the start, so segments are
    small and compacted early. Tombstones outlive any restore, and deleted keys vanish within a week even from a topic
    with few writes."""
    return {
        "cleanup.policy": "compact",
        "segment.ms": str(DAY_MS // 4),
        "segment.bytes": str(64 * 1024 * 1024),
        "min.cleanable.dirty.ratio": "0.2",
        "delete.retention.ms": str(DAY_MS),
        "max.compaction.lag.ms": str(7 * DAY_MS),
    }
