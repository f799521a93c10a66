"""Serves the console until told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from streams.console.access import access_of
from streams.console.api import Api
from streams.console.pages import Pages
from streams.console.rate_limit import RateLimit
from streams.console.request_guard import RequestGuard
from streams.console.settings import ConsoleInputs, ConsoleSettings
from streams.console.store import ConsoleStore
from streams.errors import StraymailError

BODY_BYTES = 16 * 1024
CLOSING_SECONDS = 1.0


def application(known: ConsoleStore) -> web.Application:
    """The web application over what is known. Raises ConfigurationError where it would be open to strangers."""
    own = known.inputs.own
    gate = RequestGuard(access_of(own), RateLimit(own.requests_per_second, 5 * own.requests_per_second))
    app = web.Application(client_max_size=BODY_BYTES, middlewares=[gate.middleware])
    app.on_response_prepare.append(gate.add_headers)
    app.add_routes(Api(known).routes())
    app.add_routes(Pages(gate).routes())
    return app


@asynccontextmanager
async def serving(inputs: ConsoleInputs) -> AsyncIterator[str]:
    """The console, at the address that is given, for as long as the block lasts. Raises StraymailError."""
    known = ConsoleStore(inputs)
    runner = web.AppRunner(application(known), access_log=None, shutdown_timeout=CLOSING_SECONDS)
    await runner.setup()
    own = inputs.own
    try:
        try:
            await web.TCPSite(runner, own.host, own.port).start()
        except OSError as error:
            raise StraymailError(
                f"can't serve the console on {own.host} port {own.port} ({os.strerror(error.errno or 0)}): "
                "set console.port to a free one"
            ) from error
        async with known.reading():
            yield address_of(own)
    finally:
        await runner.cleanup()


def run_console(inputs: ConsoleInputs, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `on_ready` is handed the address. Raises StraymailError."""
    asyncio.run(_serve(inputs, on_ready))


async def _serve(inputs: ConsoleInputs, on_ready: Callable[[str], None]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with serving(inputs) as address:
        on_ready(address)
        await stopped.wait()


def address_of(own: ConsoleSettings) -> str:
    """What to open in a browser on this machine."""
    host = f"[{own.host}]" if ":" in own.host else own.host
    return f"http://{host}:{own.port}/"
