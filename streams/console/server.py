"""Serves the console until SIGINT or SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from streams.console.access import access_of
from streams.console.api import Api
from streams.console.pages import Pages
from streams.console.request_guard import RequestGuard
from streams.console.settings import ConsoleInputs, ConsoleSettings
from streams.console.store import ConsoleStore
from streams.console.triage_api import TriageApi
from streams.errors import StraymailError
from streams.http.site import CLOSING_SECONDS, BoundedSite, bound_responses
from streams.networks import why_not_usable

BODY_BYTES = 8 * 1024
REQUESTS = 500
"""Open connections besides those of event streams."""


def application(store: ConsoleStore) -> web.Application:
    """The web application that serves the store. Raises ConfigurationError where anybody could read it."""
    own = store.inputs.own
    guard = RequestGuard(access_of(own), own.requests_per_second)
    app = web.Application(client_max_size=BODY_BYTES, middlewares=[guard.middleware])
    bound_responses(app)
    app.on_response_prepare.append(guard.add_headers)
    app.add_routes(Api(store, guard).routes())
    app.add_routes(TriageApi(store).routes())
    app.add_routes(Pages(guard).routes())
    return app


@asynccontextmanager
async def serving(inputs: ConsoleInputs) -> AsyncIterator[str]:
    """Serve the console for as long as the block lasts; gives its address. Raises StraymailError."""
    store = ConsoleStore(inputs)
    runner = web.AppRunner(application(store), shutdown_timeout=CLOSING_SECONDS, access_log=None)
    await runner.setup()
    own = inputs.own
    most = REQUESTS + 2 * own.streams  # open streams never take more than half
    try:
        try:
            await BoundedSite(runner, own.host, own.port, most, access_of(own).is_shared).start()
        except OSError as error:
            raise StraymailError(
                f"can't serve the console on {own.host}, port {own.port} ({why_not_usable(error)}): "
                "set console.host to an address of this machine, and console.port to a free port"
            ) from error
        async with store.reading():
            yield address_of(own)
    finally:
        await runner.cleanup()


def run_console(inputs: ConsoleInputs, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `on_ready` is called with the address. Raises StraymailError."""
    asyncio.run(_serve(inputs, on_ready))


async def _serve(inputs: ConsoleInputs, on_ready: Callable[[str], None]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with serving(inputs) as address:
        on_ready(address)
        await stopped.wait()


def address_of(own: ConsoleSettings) -> str:
    """The URL to open in a browser on this machine."""
    host = f"[{own.host}]" if ":" in own.host else own.host
    return f"http://{host}:{own.port}/"
