"""A running AsyncProducer, and an event loop for it that doesn't hang."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from streams.kafka.clients.async_producer import AsyncProducer
from tests.broker.contract import Broker


@asynccontextmanager
async def running(broker: Broker, **config: Any) -> AsyncIterator[AsyncProducer]:
    """A producer for this broker; `config` is librdkafka's."""
    producer = AsyncProducer({"bootstrap.servers": broker.bootstrap, "log_level": 0, **config})
    producer.start()
    try:
        yield producer
    finally:
        await producer.stop(0.1)


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` in an event loop of its own, for 110 s at most."""
    asyncio.run(asyncio.wait_for(work(), 110))


async def until(condition: Callable[[], bool]) -> None:
    """Return when the condition, which another thread or task brings about, is true."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.002)
