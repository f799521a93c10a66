"""The work of `straymail topics`: creates and checks the topics of the pipeline."""

from __future__ import annotations

import time
from collections.abc import Iterator

from streams.cli.shared.check_lines import CheckLine, show_checks
from streams.clock import monotonic
from streams.counted import counted
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import check_topics, create_topics
from streams.kafka.topics.check import TopicProblem
from streams.kafka.topics.names import wanted_topics

RETRY_S = 1.0


def run_create(settings: KafkaSettings, *, as_json: bool, limit_s: float) -> int:
    """Create the missing topics and print a line for each topic. Returns the exit code; raises BrokerError."""
    new = set(create_topics(settings, limit_s))
    wanted = {topic.name: topic.partitions for topic in wanted_topics(settings)}
    show_checks(
        (
            CheckLine(
                "ok", name, f"created with {counted(partitions, 'partition')}" if name in new else "exists already"
            )
            for name, partitions in wanted.items()
        ),
        as_json=as_json,
    )
    return 0


def run_check(settings: KafkaSettings, *, as_json: bool, limit_s: float) -> int:
    """Check until no topic has an error or `limit_s` is over, then print the result. Returns the exit code.

    Raises BrokerError.
    """
    deadline = monotonic() + limit_s
    found = check_topics(settings, limit_s)
    while any(problem.error for problem in found) and (left := deadline - monotonic()) > RETRY_S:
        time.sleep(RETRY_S)
        found = check_topics(settings, left)
    show_checks(topic_lines(settings, found), as_json=as_json)
    return 1 if any(problem.error for problem in found) else 0


def topic_lines(settings: KafkaSettings, problems: list[TopicProblem]) -> Iterator[CheckLine]:
    """A line for each problem, and one for each topic without any."""
    for problem in problems:
        yield CheckLine("error" if problem.error else "warning", problem.topic, problem.what, problem.remedy)
    for name in [topic.name for topic in wanted_topics(settings)]:
        if name not in {problem.topic for problem in problems}:
            yield CheckLine("ok", name, "no problem found")
