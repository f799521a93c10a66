"""The two Faust agents of a worker: one scores mail events, one counts typo hits."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from streams.kafka.dataplane.batch import Batch

log = logging.getLogger(__name__)

BatchStep = Callable[..., Awaitable[None]]
"""Processes its arguments, one or more batches, and acknowledges each when it is done: before it returns, or later."""


@dataclass(frozen=True)
class AgentHooks:
    """The callbacks of an agent: `wait_for_commits` is awaited between two messages, and returns once few enough
    records are uncommitted; `on_failure` gets the exception of a step and ends the process."""

    wait_for_commits: Callable[[], Awaitable[None]]
    on_failure: Callable[[Exception], None]


def add_score_agent(app: Any, events_topic: str, step: BatchStep, hooks: AgentHooks) -> None:
    """Add the Faust agent that passes the batches of mail.events to `step`, one at a time."""

    @app.agent(app.topic(events_topic, value_serializer="raw"), name="score")  # type: ignore[untyped-decorator]
    async def score(stream: Any) -> None:
        await process_batches(stream, step, hooks)


def add_count_agent(app: Any, hit_topics: list[str], step: BatchStep, hooks: AgentHooks) -> None:
    """Add the Faust agent that passes the batches of both hit topics to `step`."""

    @app.agent(app.topic(*hit_topics, value_serializer="raw"), name="count")  # type: ignore[untyped-decorator]
    async def count(stream: Any) -> None:
        await process_batches(stream, step, hooks)


async def process_batches(stream: Any, step: BatchStep, hooks: AgentHooks) -> None:
    """Pass the batches of each event of the stream to `step`, one event after the other.

    Faust would acknowledge an event whose agent raised, and restart the agent. So events are read with `noack`, and any
    exception ends the process with nothing acknowledged; the next start resumes from the committed offsets.
    """
    async for event in stream.noack().events():
        batches: list[Batch] = event.value
        for batch in batches:
            batch.start(event)
        try:
            await step(*batches)
        except Exception as error:
            for batch in batches:
                where = (batch.topic, batch.partition, batch.first, batch.last)
                log.error("topic %s, partition %s, offsets %s to %s: processing these records failed", *where)
            hooks.on_failure(error)
            raise
        await hooks.wait_for_commits()
