"""Runs a gate until a signal: it listens at once, and answers what is in flight before it stops."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import NoReturn

import uvloop
from aiohttp import web

from streams.errors import ConfigurationError
from streams.gate.inputs import GateInputs
from streams.gate.listeners.listening import listening
from streams.gate.process import GateProcess
from streams.gate.reload import reload
from streams.http.site import CLOSING_SECONDS, BoundedSite
from streams.networks import why_not_usable
from streams.service.background import guarded
from streams.service.health import web_app

log = logging.getLogger(__name__)

PAGES_CONNECTIONS = 20
"""Open connections of the pages: probes and Prometheus need a few."""
SWITCH_SECONDS = 0.0005
"""How long an answer waits for a thread that computes, as one that loads the watchlist: a tenth of Python's default."""


def run_gate(inputs: GateInputs, read_again: Callable[[], GateInputs]) -> NoReturn:
    """Run a gate until SIGTERM or SIGINT and end the process: exit code 0, or 1 after a failure. SIGHUP takes the
    settings from `read_again`. Raises StraymailError where it can't start."""
    sys.setswitchinterval(SWITCH_SECONDS)
    process = GateProcess(inputs)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        exit_code = runner.run(serve(process, read_again))
        logging.shutdown()
        os._exit(exit_code)  # a thread that waits for a broker would hold up the end for seconds


async def serve(process: GateProcess, read_again: Callable[[], GateInputs]) -> int:
    """Serve until a signal; the exit code. Raises StraymailError where an address can't be used."""
    stopped: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    _handle_signals(process, stopped, read_again)
    await process.load_watchlist()
    listeners = listening(process.gate, process.inputs.own, process.gate_metrics, lambda: process.token)
    async with _background(process, stopped), listeners, _pages(process):  # a gate that says ready is listening
        log.info("the gate listens")
        exit_code = await stopped
        log.info("stopping")
    return exit_code


def _handle_signals(process: GateProcess, stopped: asyncio.Future[int], read_again: Callable[[], GateInputs]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, stopped, 0)
    loop.add_signal_handler(signal.SIGHUP, reload, process, read_again)


def _stop(stopped: asyncio.Future[int], exit_code: int) -> None:
    if not stopped.done():
        stopped.set_result(exit_code)


@asynccontextmanager
async def _background(process: GateProcess, stopped: asyncio.Future[int]) -> AsyncIterator[None]:
    """Run what runs beside the listeners; an unexpected error in it ends the gate with exit code 1."""

    def fail(error: Exception) -> None:
        log.critical("ending: unexpected error, please report it", exc_info=error)
        _stop(stopped, 1)

    tasks = [asyncio.ensure_future(guarded(work, fail)) for work in process.background()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def _pages(process: GateProcess) -> AsyncIterator[None]:
    """Serve metrics and health."""
    own = process.inputs.own
    runner = web.AppRunner(
        web_app(process.metrics, process.why_not_ready), access_log=None, shutdown_timeout=CLOSING_SECONDS
    )
    await runner.setup()
    try:
        try:
            await BoundedSite(runner, own.host, own.port, PAGES_CONNECTIONS).start()
        except OSError as error:
            where = f"{own.host}, port {own.port} ({why_not_usable(error)})"
            raise ConfigurationError(f"gate.host and gate.port: can't listen on {where}: set a free port") from error
        yield
    finally:
        await runner.cleanup()
