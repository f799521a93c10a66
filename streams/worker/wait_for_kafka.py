"""The start of a worker before Kafka answers: it waits, as one that runs does, and is live but not ready meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiohttp import web

import streams
from streams import clock
from streams.config import Settings, WebSettings
from streams.errors import BrokerUnreachable
from streams.http.site import CLOSING_SECONDS, BoundedSite
from streams.kafka.clients.coordinator import wait_for_coordinator
from streams.kafka.topics.admin import create_topics, partition_counts, wait_for_brokers
from streams.kafka.topics.names import topic_names
from streams.metrics import Metrics
from streams.service.health import web_app
from streams.worker.readiness import NO_BROKER

log = logging.getLogger(__name__)

REPEAT_SECONDS = 60.0
CONNECTIONS = 20
"""Open connections of the web server: probes and Prometheus need a few."""


def wait_for_kafka(settings: Settings) -> None:
    """Return when Kafka answers and has the topics (missing ones are created where `topics.create` is set) and a
    coordinator for the workers' group.

    Waits as long as no broker can be reached, which it logs. Raises BrokerError where Kafka refuses (the login, TLS, a
    permission) or lacks a topic: waiting wouldn't change that.
    """
    asyncio.run(_wait(settings))


async def _wait(settings: Settings) -> None:
    loop, away = asyncio.get_running_loop(), asyncio.Event()
    site = asyncio.ensure_future(_serve_while_away(settings.web, away))
    try:
        # In another thread: signals are handled in this one, between its Python instructions only.
        await asyncio.to_thread(_prepare, settings, lambda: loop.call_soon_threadsafe(away.set))
    finally:
        site.cancel()
        await asyncio.wait([site])


def _prepare(settings: Settings, on_away: Callable[[], object]) -> None:
    logged_s = float("-inf")

    def wait(error: BrokerUnreachable) -> None:
        nonlocal logged_s
        on_away()
        if clock.monotonic() - logged_s >= REPEAT_SECONDS:
            logged_s = clock.monotonic()
            log.warning("waiting for Kafka: %s", error)

    names = topic_names(settings)
    while True:
        try:
            wait_for_brokers(settings, wait)
            if settings.topics.create:
                create_topics(settings)
            partition_counts(settings, names.of_workers)
            wait_for_coordinator(settings, settings.group_id, names.events)
        except BrokerUnreachable as error:  # it answered, and is away again
            wait(error)
            continue
        break
    if logged_s > float("-inf"):
        log.info("Kafka answers")


async def _serve_while_away(settings: WebSettings, away: asyncio.Event) -> None:
    """Once no broker could be reached, serve the worker's pages until cancelled."""
    await away.wait()
    runner = web.AppRunner(
        web_app(Metrics(streams.__version__), lambda: NO_BROKER), access_log=None, shutdown_timeout=CLOSING_SECONDS
    )
    await runner.setup()
    try:
        await BoundedSite(runner, settings.host, settings.port, CONNECTIONS).start()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
