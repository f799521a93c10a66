"""A console in this process, without Kafka, whose store the test fills; and a client of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from streams.config import Settings, load_settings
from streams.console.server import application
from streams.console.store import ConsoleStore

Client = TestClient[web.Request, web.Application]
Result = TypeVar("Result")


def settings(brokers: str | None = None, watchlist: Path | None = None, **console: Any) -> Settings:
    pipeline = {"brokers": brokers, "watchlist": watchlist}
    return load_settings(overrides={name: each for name, each in pipeline.items() if each} | {"console": console})


def serve(test: Callable[[Client, ConsoleStore], Awaitable[Result]], **own: Any) -> Result:
    """Run the test with a client and the store that is served to it, by these settings."""

    async def run() -> Result:
        store = ConsoleStore(settings(**own).console_inputs())
        async with TestClient(TestServer(application(store))) as client:
            return await asyncio.wait_for(test(client, store), 60)

    return asyncio.run(run())
