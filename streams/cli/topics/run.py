"""The topics of the pipeline: made, and looked at."""

from __future__ import annotations

import time
from collections.abc import Iterator

from streams.cli.shared.check_lines import Checked, show_checks
from streams.clock import monotonic
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import check_topics, create_topics
from streams.kafka.topics.check import TopicProblem
from streams.kafka.topics.names import wanted_topics

LOOK_EACH_S = 1.0


def created(settings: KafkaSettings, *, as_json: bool, limit_s: float) -> int:
    """Make what is missing and tell of every topic; returns the exit status. Raises BrokerError."""
    made = set(create_topics(settings, limit_s))
    there = {topic.name: topic.partitions for topic in wanted_topics(settings)}
    show_checks(
        (
            Checked("ok", name, f"made with {partitions} partitions" if name in made else "was there")
            for name, partitions in there.items()
        ),
        as_json=as_json,
    )
    return 0


def checked(settings: KafkaSettings, *, as_json: bool, limit_s: float) -> int:
    """Tell what is wrong once nothing is, or the time is over; returns the exit status. Raises BrokerError."""
    until = monotonic() + limit_s
    found = check_topics(settings, limit_s)
    while any(problem.error for problem in found) and (left := until - monotonic()) > LOOK_EACH_S:
        time.sleep(LOOK_EACH_S)
        found = check_topics(settings, left)
    show_checks(topic_lines(settings, found), as_json=as_json)
    return 1 if any(problem.error for problem in found) else 0


def topic_lines(settings: KafkaSettings, found: list[TopicProblem]) -> Iterator[Checked]:
    """One line for each problem, and one for each topic without any."""
    for problem in found:
        yield Checked("error" if problem.error else "warning", problem.topic, problem.what, problem.remedy)
    for name in [topic.name for topic in wanted_topics(settings)]:
        if name not in {problem.topic for problem in found}:
            yield Checked("ok", name, "is as it should be")
