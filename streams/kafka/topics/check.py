"""Compares the topics with what the settings want: problems, each with its remedy. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from streams.kafka.topics.names import DAY_MS, DEAD_LETTER_EXTRA_BYTES, Topic

AT_LEAST = {
    "retention.ms": "records would be deleted earlier than the pipeline expects",
    "max.message.bytes": "larger records would be refused",
    "min.compaction.lag.ms": "a reader that was down would miss states of an alert",
    "delete.retention.ms": "a state restore could miss a deletion",
}
"""Topic configuration that may be larger than wanted but not smaller, with the consequence of a smaller value."""
TIMESTAMP_TYPE = "message.timestamp.type"
NO_LIMIT = -1
BROKERS_FOR_REPLICATION = 3
"""In a cluster of at least this many brokers, a topic with a single replica is a mistake."""


@dataclass(frozen=True, slots=True)
class TopicProblem:
    """A problem of a topic and its remedy. `error` is true where a worker must not start; otherwise it is a warning."""

    topic: str
    what: str
    remedy: str
    error: bool

    def __str__(self) -> str:
        return f"{self.topic}: {self.what}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class PresentTopic:
    """A topic as it exists. `config` is None where this user may not describe it; `replicas` is the smallest number of
    any partition."""

    partitions: int
    replicas: int
    config: Mapping[str, str] | None


def problems(
    wanted: Sequence[Topic],
    present: Mapping[str, PresentTopic],
    *,
    state_of: Mapping[str, str],
    events: str,
    dead_letters: str,
    brokers: int,
) -> list[TopicProblem]:
    """All problems, errors first; `present` are the existing topics by name. `state_of` maps hit topics to their state
    topics."""
    found: list[TopicProblem] = []
    for topic in wanted:
        if topic.name not in present:
            found.append(_missing(topic))
            continue
        found += _partitions(topic, present[topic.name])
        found += _replicas(topic, present[topic.name], brokers)
        found += _config(topic, present[topic.name])
    found += state_problems({name: topic.partitions for name, topic in present.items()}, state_of)
    found += _dead_letters(wanted, present, events, dead_letters)
    return sorted(found, key=lambda problem: not problem.error)


def _missing(topic: Topic) -> TopicProblem:
    remedy = "run `straymail topics create`, or grant this user DESCRIBE on it"
    return TopicProblem(topic.name, "there is no such topic", remedy, error=True)


def _partitions(topic: Topic, actual: PresentTopic) -> Iterator[TopicProblem]:
    setting = f"topics.{topic.partitions_setting}"
    what = f"it has {_counted(actual.partitions, 'partition')}, {setting} is {topic.partitions}"
    if topic.partitions_fixed and actual.partitions != topic.partitions:
        remedy = (
            f"set {setting} to {actual.partitions}; another number needs new topics (topic_prefix), since keys would "
            "move away from their state"
        )
        yield TopicProblem(topic.name, what, remedy, error=True)
    elif actual.partitions < topic.partitions:
        yield TopicProblem(
            topic.name, what, f"add partitions to it, or set {setting} to {actual.partitions}", error=False
        )


def _replicas(topic: Topic, actual: PresentTopic, brokers: int) -> Iterator[TopicProblem]:
    if actual.replicas == 1 and brokers >= BROKERS_FOR_REPLICATION:
        what = f"it has a single replica in a cluster of {brokers} brokers, and is lost with that broker"
        yield TopicProblem(topic.name, what, "reassign it with 3 replicas", error=False)


def _config(topic: Topic, actual: PresentTopic) -> Iterator[TopicProblem]:
    if actual.config is None:
        what = "its configuration can't be checked"
        yield TopicProblem(topic.name, what, "grant this user DESCRIBE_CONFIGS on it", error=False)
        return
    yield from _policy(topic, actual.config)
    yield from _timestamps(topic, actual.config)
    for name, leads_to in AT_LEAST.items():
        if name in topic.config and not _enough(actual.config.get(name), int(topic.config[name])):
            what = f"{name} is {_value(name, actual.config.get(name))}, {leads_to}"
            remedy = f"set it to {_value(name, topic.config[name])} or more, or change the settings"
            yield TopicProblem(topic.name, what, remedy, error=False)
    if "retention.ms" in topic.config and actual.config.get("retention.bytes", str(NO_LIMIT)) != str(NO_LIMIT):
        what = f"retention.bytes is {actual.config['retention.bytes']}, so a burst shortens how long records are kept"
        yield TopicProblem(topic.name, what, "set it to -1 if the disk allows", error=False)


def _policy(topic: Topic, config: Mapping[str, str]) -> Iterator[TopicProblem]:
    wanted, actual = topic.config["cleanup.policy"], config.get("cleanup.policy", "")
    if set(actual.split(",")) != set(wanted.split(",")):
        what = f"cleanup.policy is {actual or 'unknown'}, which would delete what is needed or keep what isn't"
        yield TopicProblem(topic.name, what, f"set it to {wanted}", error=True)


def _timestamps(topic: Topic, config: Mapping[str, str]) -> Iterator[TopicProblem]:
    wanted, actual = topic.config.get(TIMESTAMP_TYPE), config.get(TIMESTAMP_TYPE, "unknown")
    if wanted not in (None, actual):
        what = f"{TIMESTAMP_TYPE} is {actual}, so a wrong clock of a worker goes unnoticed"
        yield TopicProblem(topic.name, what, f"set it to {wanted}", error=False)


def state_problems(counts: Mapping[str, int], state_of: Mapping[str, str]) -> Iterator[TopicProblem]:
    """The problems of state topics whose number of partitions differs from their hit topic's; `counts` are the numbers
    of the existing topics."""
    for hits, state in state_of.items():
        if hits in counts and state in counts and counts[hits] != counts[state]:
            what = f"it has {_counted(counts[state], 'partition')}, and {hits} has {counts[hits]}"
            remedy = "start again with new topics (topic_prefix), since keys are in other partitions than their state"
            yield TopicProblem(state, what, remedy, error=True)


def _dead_letters(
    wanted: Sequence[Topic], present: Mapping[str, PresentTopic], events: str, dead_letters: str
) -> Iterator[TopicProblem]:
    """A problem where mail.events accepts larger records than dead letters can carry, whatever the settings are."""
    accepted, room = (_max_bytes(present.get(name)) for name in (events, dead_letters))
    if accepted is None or room is None or room >= accepted + DEAD_LETTER_EXTRA_BYTES:
        return
    by_settings = next(int(topic.config["max.message.bytes"]) for topic in wanted if topic.name == dead_letters)
    if room >= by_settings:  # otherwise _config has reported it
        what = f"max.message.bytes is {room}, and {events} accepts {accepted}, so large dead letters would be cut"
        yield TopicProblem(dead_letters, what, f"set it to {accepted + DEAD_LETTER_EXTRA_BYTES} or more", error=False)


def _max_bytes(topic: PresentTopic | None) -> int | None:
    if topic is None or topic.config is None or "max.message.bytes" not in topic.config:
        return None
    return int(topic.config["max.message.bytes"])


def _enough(actual: str | None, wanted: int) -> bool:
    return actual is not None and (int(actual) >= wanted or int(actual) == NO_LIMIT)


def _value(name: str, value: str | None) -> str:
    if value is None:
        return "unknown"
    return f"{value} ({_counted(int(value) / DAY_MS, 'day')})" if name.endswith(".ms") else value


def _counted(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"
