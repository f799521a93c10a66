"""The two Faust agents of a worker: one scores mail events, one counts typo hits."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from streams.kafka.dataplane.batch import Batch

log = logging.getLogger(__name__)

Step = Callable[[Batch], Awaitable[None]]
"""Works on a batch and acknowledges it when it is done, at once or later."""


@dataclass(frozen=True)
class AgentHooks:
    """What an agent calls: `make_room` between two batches, which waits where too much is uncommitted, and `on_failure`
    with the exception of a step, which ends the process."""

    make_room: Callable[[], Awaitable[None]]
    on_failure: Callable[[Exception], None]


def add_score_agent(app: Any, events_topic: str, step: Step, hooks: AgentHooks) -> None:
    """Let the Faust app give the batches of mail.events to `step`."""

    @app.agent(app.topic(events_topic, value_serializer="raw"), name="score")  # type: ignore[untyped-decorator]
    async def score(stream: Any) -> None:
        await each_batch(stream, step, hooks)


def add_count_agent(app: Any, hit_topics: list[str], step: Step, hooks: AgentHooks) -> None:
    """Let the Faust app give the batches of both hit topics to `step`."""

    @app.agent(app.topic(*hit_topics, value_serializer="raw"), name="count")  # type: ignore[untyped-decorator]
    async def count(stream: Any) -> None:
        await each_batch(stream, step, hooks)


async def each_batch(stream: Any, step: Step, hooks: AgentHooks) -> None:
    """Give every batch of the stream to `step`, one after the other.

    Faust acknowledges an event whose agent raised, and restarts the agent: so events are read with `noack`, and any
    exception ends the process with nothing acknowledged; it starts again from what was committed.
    """
    async for event in stream.noack().events():
        batch: Batch = event.value
        batch.start(event)
        try:
            await step(batch)
        except Exception as error:
            where = (batch.topic, batch.partition, batch.first, batch.last)
            log.error("topic %s, partition %s, offsets %s to %s: the work on these records failed", *where)
            hooks.on_failure(error)
            raise
        await hooks.make_room()
