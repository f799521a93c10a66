"""How an agent reads its stream: batch by batch, acknowledged after success alone."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from streams.kafka.dataplane.batch import Batch

log = logging.getLogger(__name__)

Work = Callable[[Batch], Awaitable[None]]


async def each_batch(
    stream: Any, work: Work, on_failure: Callable[[Exception], None], room: Callable[[], Awaitable[None]]
) -> None:
    """Give every batch of the stream to `work`, which acknowledges it when it is done (at once or later), then wait for
    `room` for another.

    Faust acknowledges an event whose agent raised, and restarts the agent: so events are read with `noack`, and any
    exception ends the process with nothing acknowledged; it starts again from what was committed.
    """
    async for event in stream.noack().events():
        batch: Batch = event.value
        batch.start(event)
        try:
            await work(batch)
        except Exception as error:
            where = (batch.topic, batch.partition, batch.first, batch.last)
            log.error("topic %s, partition %s, offsets %s to %s: the work on these records failed", *where)
            on_failure(error)
            raise
        await room()
