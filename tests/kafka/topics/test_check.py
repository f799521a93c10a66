from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.check import PresentTopic, TopicProblem, problems
from streams.kafka.topics.names import state_topic_of, wanted_topics

SETTINGS = KafkaSettings()
AS_WANTED = {
    topic.name: PresentTopic(topic.partitions, replicas=3, config=dict(topic.config))
    for topic in wanted_topics(SETTINGS)
}


def problems_of(present: Mapping[str, PresentTopic], brokers: int = 3) -> list[TopicProblem]:
    return problems(
        wanted_topics(SETTINGS),
        present,
        state_of=state_topic_of(SETTINGS),
        events="mail.events",
        dead_letters="mail.dead-letters",
        brokers=brokers,
    )


def with_config(name: str, **changed: str) -> dict[str, PresentTopic]:
    """The wanted topics, except for these entries of one topic's configuration (`_` for `.`)."""
    entries = {key.replace("_", "."): value for key, value in changed.items()}
    return AS_WANTED | {name: replace(AS_WANTED[name], config={**(AS_WANTED[name].config or {}), **entries})}


def with_partitions(**partitions: int) -> dict[str, PresentTopic]:
    """The wanted topics, except for the number of partitions of these (names without `mail.`, `_` for `-`)."""
    names = {f"mail.{key.replace('_', '-')}": count for key, count in partitions.items()}
    return AS_WANTED | {name: replace(AS_WANTED[name], partitions=count) for name, count in names.items()}


def test_topics_as_wanted_are_no_problem() -> None:
    assert problems_of(AS_WANTED) == []


def test_no_topics_at_all_are_an_error_each() -> None:
    found = problems_of({})
    assert [problem.topic for problem in found] == [topic.name for topic in wanted_topics(SETTINGS)]
    assert all(problem.error and "topics create" in problem.remedy for problem in found)


@pytest.mark.parametrize(
    ("present", "topic", "error", "sentence"),
    [
        (
            with_config("mail.typo-hits", message_timestamp_type="CreateTime"),
            "mail.typo-hits",
            False,
            "message.timestamp.type is CreateTime, so a wrong clock of a worker goes unnoticed",
        ),
        (with_partitions(events=4), "mail.events", False, "it has 4 partitions, topics.events_partitions is 8"),
        (with_partitions(alerts=1), "mail.alerts", False, "it has 1 partition, topics.alerts_partitions is 4"),
        (
            with_partitions(typo_hits=16, typo_hits_state=16),
            "mail.typo-hits",
            True,
            "it has 16 partitions, topics.hits_partitions is 8: set topics.hits_partitions to 16; another number needs "
            "new topics",
        ),
        (with_partitions(typo_hits=16), "mail.typo-hits-state", True, "it has 8 partitions, and mail.typo-hits has 16"),
        (with_partitions(typo_domains_state=4), "mail.typo-domains-state", True, "4 partitions, and mail.typo-domains"),
        (
            with_config("mail.events", retention_ms="86400000"),
            "mail.events",
            False,
            "retention.ms is 86400000 (1 day), records would be deleted earlier than the pipeline expects: set it to "
            "259200000 (3 days) or more",
        ),
        (
            with_config("mail.events", retention_bytes="1000"),
            "mail.events",
            False,
            "retention.bytes is 1000, so a burst shortens how long records are kept",
        ),
        (
            with_config("mail.typo-hits-state", cleanup_policy="delete"),
            "mail.typo-hits-state",
            True,
            "cleanup.policy is delete, which would delete what is needed or keep what isn't: set it to compact",
        ),
        (with_config("mail.events", cleanup_policy="compact"), "mail.events", True, "set it to delete"),
        (with_config("mail.alerts", cleanup_policy="compact"), "mail.alerts", True, "set it to compact,delete"),
        (
            with_config("mail.alerts", min_compaction_lag_ms="0"),
            "mail.alerts",
            False,
            "min.compaction.lag.ms is 0 (0 days), a reader that was down would miss states of an alert",
        ),
        (
            with_config("mail.events", max_message_bytes="1000"),
            "mail.events",
            False,
            "max.message.bytes is 1000, larger records would be refused: set it to 1048588 or more",
        ),
        (
            with_config("mail.events", max_message_bytes="5000000"),
            "mail.dead-letters",
            False,
            "max.message.bytes is 1114124, and mail.events accepts 5000000, so large dead letters would be cut: "
            "set it to 5065536 or more",
        ),
        (
            with_config("mail.typo-hits-state", delete_retention_ms="1000"),
            "mail.typo-hits-state",
            False,
            "a state restore could miss a deletion",
        ),
        (
            AS_WANTED | {"mail.alerts": replace(AS_WANTED["mail.alerts"], replicas=1)},
            "mail.alerts",
            False,
            "it has a single replica in a cluster of 3 brokers",
        ),
        (
            AS_WANTED | {"mail.alerts": replace(AS_WANTED["mail.alerts"], config=None)},
            "mail.alerts",
            False,
            "its configuration can't be checked: grant this user DESCRIBE_CONFIGS on it",
        ),
    ],
)
def test_each_problem_is_reported(present: dict[str, PresentTopic], topic: str, error: bool, sentence: str) -> None:
    found = [problem for problem in problems_of(present) if problem.topic == topic]
    assert any(sentence in str(problem) and problem.error == error for problem in found), [str(each) for each in found]


@pytest.mark.parametrize(
    "present",
    [
        with_partitions(events=24, alerts=8, dead_letters=12),
        with_config("mail.events", retention_ms="-1"),
        with_config("mail.events", retention_ms="31536000000"),
        with_config("mail.dead-letters", max_message_bytes="100000000"),
        with_config("mail.alerts", cleanup_policy="delete,compact"),
        with_config("mail.events", retention_bytes="-1", compression_type="zstd"),
    ],
)
def test_more_than_wanted_is_no_problem(present: dict[str, PresentTopic]) -> None:
    assert problems_of(present) == []


def test_a_single_replica_is_no_problem_on_few_brokers() -> None:
    single = {name: replace(topic, replicas=1) for name, topic in AS_WANTED.items()}
    assert problems_of(single, brokers=1) == problems_of(single, brokers=2) == []
    assert len(problems_of(single, brokers=3)) == len(AS_WANTED)


def test_a_limit_that_is_too_small_for_dead_letters_is_reported_once() -> None:
    assert len(problems_of(with_config("mail.dead-letters", max_message_bytes="1048588"))) == 1


def test_errors_come_first() -> None:
    present = with_config("mail.events", retention_ms="1") | {"mail.dead-letters": AS_WANTED["mail.dead-letters"]}
    del present["mail.dead-letters"]
    assert [problem.error for problem in problems_of(present)] == [True, False]
