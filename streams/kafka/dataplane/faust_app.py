"""The Faust app over the data plane, with settings found by experiment."""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

import faust
from aiohttp.web import AppRunner
from faust import SASLCredentials, SSLCredentials
from faust.auth import OAuthCredentials
from faust.tables.manager import TableManager as FaustTableManager
from faust.web.drivers.aiohttp import Web as AiohttpWeb

from streams.http.site import CLOSING_SECONDS, BoundedSite, bound_responses
from streams.kafka.dataplane.token_provider import TokenProvider
from streams.kafka.dataplane.transport import DataPlane, Transport
from streams.kafka.security import driver_security
from streams.kafka.settings import KafkaSettings, SecuritySettings

log = logging.getLogger(__name__)

STOP_SECONDS = 25.0
"""A stop that takes longer is stuck: the process ends with exit code 1, and uncommitted records are read again."""

HEARTBEAT_SECONDS = 1.0
"""By a heartbeat a member learns of a rebalance, and alerts pause until all have: docs/decisions.md has figures."""

METADATA_SECONDS = 10
"""A worker looks this often for partitions that were added to its topics; the group then assigns them. Where the member
that assigns has looked last, it takes a second round."""

CONNECTIONS = 200
"""Open connections of the web server: probes and Prometheus need a few."""


class Web(AiohttpWeb):
    """Faust's web server with bounded connections, and without Faust's own pages, which would show the contents of the
    stream."""

    logger = logging.getLogger("faust.web")
    default_blueprints = production_blueprints = debug_blueprints = optional_blueprints = ()

    def __init__(self, app: faust.App, **options: Any) -> None:
        super().__init__(app, **options)
        bound_responses(self.web_app)
        self._runner = AppRunner(self.web_app, access_log=None, shutdown_timeout=CLOSING_SECONDS)

    def _create_site(self) -> BoundedSite:
        return BoundedSite(self._runner, self.app.conf.web_bind, self.app.conf.web_port, CONNECTIONS)


class TableManager(FaustTableManager):
    """Faust's table manager, without the second that it waits for tables before it joins the group: there are none. It
    waits for the topics of all agents instead, so that one request subscribes to all of them."""

    logger = logging.getLogger("faust.tables")

    async def on_start(self) -> None:
        wanted = {topic for agent in self.app.agents.values() for topic in agent.channel.topics}
        while not self.should_stop and not wanted <= {topic for channel in self.app.topics for topic in channel.topics}:
            await self.sleep(0.01)
        if not self.should_stop:
            await self._update_channels()
            await self.recovery.start()


class App(faust.App):
    """A Faust app without data files and without Faust's web pages; a stuck stop ends after STOP_SECONDS."""

    logger = logging.getLogger("faust.app")

    def _create_directories(self) -> None:
        """Do nothing: there are no tables and no files, and a container's root is read-only."""

    def _new_web(self) -> Web:
        return Web(self)

    async def on_stop(self) -> None:
        watchdog = threading.Timer(STOP_SECONDS, _end_stuck_stop)
        watchdog.daemon = True
        watchdog.start()
        await super().on_stop()


def _end_stuck_stop() -> None:
    log.critical("stop stuck for %s s: ending now; uncommitted records are read again", STOP_SECONDS)
    logging.shutdown()
    os._exit(1)


def faust_app(
    settings: KafkaSettings,
    plane: DataPlane,
    *,
    group_id: str,
    web_host: str,
    web_port: int,
    instance_id: str | None = None,
) -> App:
    """A Faust app whose transport is the data plane, a static member of its group where it has an `instance_id`. Raises
    ConfigurationError for an unreadable secret or certificate."""
    app = App(
        group_id,
        broker=[f"aiokafka://{broker}" for broker in settings.brokers.split(",")],
        broker_credentials=_credentials(settings.security),
        broker_client_id=settings.client_id,
        broker_session_timeout=15.0,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        broker_rebalance_timeout=60.0,
        broker_commit_interval=0.5,
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=instance_id,
        # Faust's default, with host and port, refuses IPv6, and assignments that were made before the port was changed.
        canonical_url=f"http://member/{instance_id or ''}",
        consumer_metadata_max_age_ms=METADATA_SECONDS * 1000,
        stream_buffer_maxsize=4,
        stream_wait_empty=True,
        store="memory://",
        topic_allow_declare=False,  # topics are created by `straymail topics create`, or by a worker at its start
        topic_disable_leader=True,
        value_serializer="raw",
        key_serializer="raw",
        web_bind=web_host,
        web_host=web_host,
        web_port=web_port,
        autodiscover=False,
        TableManager=TableManager,
    )
    app.transport = app.producer_transport = Transport(app.conf.broker, app, plane)
    return app


def _credentials(security: SecuritySettings) -> SASLCredentials | OAuthCredentials | SSLCredentials | None:
    """The security settings as Faust's driver takes them; None without TLS and without a login."""
    found = driver_security(security)
    if found.sasl is not None and found.sasl.issuer is not None:
        return OAuthCredentials(oauth_cb=TokenProvider(found.sasl, found.sasl.issuer), ssl_context=found.tls)
    if found.sasl is not None:
        return SASLCredentials(
            mechanism=found.sasl.mechanism,
            username=found.sasl.username,
            password=found.sasl.password,
            ssl_context=found.tls,
        )
    return None if found.tls is None else SSLCredentials(found.tls)
