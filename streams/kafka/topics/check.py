"""Topics as they are against topics as they should be: what is wrong, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from streams.kafka.topics.names import DAY_MS, DEAD_LETTER_EXTRA_BYTES, Topic

AT_LEAST = {
    "retention.ms": "records would be gone sooner than the pipeline counts on",
    "max.message.bytes": "larger records would be refused",
    "min.compaction.lag.ms": "a reader that was away would miss states of an alert",
    "delete.retention.ms": "a load of the state could miss a deletion",
}
"""Configuration that may be larger than wanted, not smaller; and what a smaller value leads to."""
NO_LIMIT = -1
BROKERS_FOR_COPIES = 3
"""From so many brokers on, a topic with a single copy is an oversight."""


@dataclass(frozen=True, slots=True)
class TopicProblem:
    """`error` is true where a worker mustn't start on it; otherwise it is a warning. Both texts are one sentence."""

    topic: str
    what: str
    remedy: str
    error: bool

    def __str__(self) -> str:
        return f"{self.topic}: {self.what}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class PresentTopic:
    """A topic as it is; `config` is None where we may not read it, `copies` are those of the poorest partition."""

    partitions: int
    copies: int
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
    """All that is wrong, errors first. `state_of` maps hit topics to their state topics."""
    found: list[TopicProblem] = []
    for topic in wanted:
        if topic.name not in present:
            found.append(_missing(topic))
            continue
        found += _partitions(topic, present[topic.name])
        found += _copies(topic, present[topic.name], brokers)
        found += _config(topic, present[topic.name])
    found += state_problems({name: topic.partitions for name, topic in present.items()}, state_of)
    found += _dead_letters(wanted, present, events, dead_letters)
    return sorted(found, key=lambda problem: not problem.error)


def _missing(topic: Topic) -> TopicProblem:
    remedy = "run `straymail topics create`, or give our user the right to describe it"
    return TopicProblem(topic.name, "there is no such topic", remedy, error=True)


def _partitions(topic: Topic, is_now: PresentTopic) -> Iterator[TopicProblem]:
    setting = f"topics.{topic.partitions_setting}"
    what = f"it has {is_now.partitions} partitions, {setting} says {topic.partitions}"
    if topic.for_life and is_now.partitions != topic.partitions:
        remedy = (
            f"set {setting} to {is_now.partitions}; its number is for life, another one needs new topics "
            "(topic_prefix), since keys would move away from their state"
        )
        yield TopicProblem(topic.name, what, remedy, error=True)
    elif is_now.partitions < topic.partitions:
        yield TopicProblem(topic.name, what, f"add partitions to it, or set {setting} to what it has", error=False)


def _copies(topic: Topic, is_now: PresentTopic, brokers: int) -> Iterator[TopicProblem]:
    if is_now.copies == 1 and brokers >= BROKERS_FOR_COPIES:
        what = f"it has a single copy on a cluster of {brokers} brokers, and is lost with one of them"
        yield TopicProblem(topic.name, what, "reassign it with 3 replicas", error=False)


def _config(topic: Topic, is_now: PresentTopic) -> Iterator[TopicProblem]:
    if is_now.config is None:
        what = "its configuration can't be checked"
        yield TopicProblem(topic.name, what, "give our user the right to describe its configuration", error=False)
        return
    yield from _policy(topic, is_now.config)
    for name, leads_to in AT_LEAST.items():
        if name in topic.config and not _enough(is_now.config.get(name), int(topic.config[name])):
            what = f"{name} is {_value(name, is_now.config.get(name))}, {leads_to}"
            remedy = f"set it to {_value(name, topic.config[name])} or more, or change the settings"
            yield TopicProblem(topic.name, what, remedy, error=False)
    if "retention.ms" in topic.config and is_now.config.get("retention.bytes", str(NO_LIMIT)) != str(NO_LIMIT):
        what = f"retention.bytes is {is_now.config['retention.bytes']}, so a burst shortens how long records are kept"
        yield TopicProblem(topic.name, what, "set it to -1 if the disk allows", error=False)


def _policy(topic: Topic, config: Mapping[str, str]) -> Iterator[TopicProblem]:
    wanted, is_now = topic.config["cleanup.policy"], config.get("cleanup.policy", "")
    if set(is_now.split(",")) != set(wanted.split(",")):
        what = f"cleanup.policy is {is_now or 'unknown'}, which would delete what is needed or keep what isn't"
        yield TopicProblem(topic.name, what, f"set it to {wanted}", error=True)


def state_problems(counts: Mapping[str, int], state_of: Mapping[str, str]) -> Iterator[TopicProblem]:
    """Hit topics whose state topic has another number of partitions; `counts` are those of the topics that are
    there."""
    for hits, state in state_of.items():
        if hits in counts and state in counts and counts[hits] != counts[state]:
            what = f"it has {counts[state]} partitions, and {hits} has {counts[hits]}"
            remedy = "start anew with other topics (topic_prefix), since keys and their state don't meet any more"
            yield TopicProblem(state, what, remedy, error=True)


def _dead_letters(
    wanted: Sequence[Topic], present: Mapping[str, PresentTopic], events: str, dead_letters: str
) -> Iterator[TopicProblem]:
    """mail.events may take more than the settings say: what counts is what it takes."""
    taken, room = (_max_bytes(present.get(name)) for name in (events, dead_letters))
    if taken is None or room is None or room >= taken + DEAD_LETTER_EXTRA_BYTES:
        return
    by_settings = next(int(topic.config["max.message.bytes"]) for topic in wanted if topic.name == dead_letters)
    if room >= by_settings:  # otherwise it is told already
        what = f"max.message.bytes is {room}, and {events} takes {taken}, so large dead letters would be cut"
        yield TopicProblem(dead_letters, what, f"set it to {taken + DEAD_LETTER_EXTRA_BYTES} or more", error=False)


def _max_bytes(topic: PresentTopic | None) -> int | None:
    if topic is None or topic.config is None or "max.message.bytes" not in topic.config:
        return None
    return int(topic.config["max.message.bytes"])


def _enough(is_now: str | None, wanted: int) -> bool:
    return is_now is not None and (int(is_now) >= wanted or int(is_now) == NO_LIMIT)


def _value(name: str, value: str | None) -> str:
    if value is None:
        return "unknown"
    return f"{value} ({int(value) / DAY_MS:g} days)" if name.endswith(".ms") else value
