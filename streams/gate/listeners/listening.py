"""The gate's listeners: mail systems are answered in each protocol that has an address in the settings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager

from streams.errors import StraymailError
from streams.gate.listeners.connection import MailSystemConnection
from streams.gate.listeners.endpoint import Endpoint
from streams.gate.listeners.http import serving_checks
from streams.gate.listeners.milter import MilterConnection
from streams.gate.listeners.open_connections import OpenConnections
from streams.gate.listeners.policy import PolicyConnection
from streams.gate.question import Gatekeeper, GateProtocol
from streams.gate.settings import GateSettings
from streams.http.open_files import backlog, connection_limit
from streams.metrics import GateMetrics
from streams.networks import why_not_usable

log = logging.getLogger(__name__)

MOST_KEPT_BYTES = 32 * 1024 * 1024
"""What the connections of one listener keep of mails that are being sent."""
STOP_SECONDS = 2.0
"""How long answers that are in flight may take when the gate stops."""

OPEN_TO_OTHERS = (
    "others can reach gate.%s at %s, and may claim any login: use a Unix socket or a loopback address, or let a "
    "firewall keep out all but your mail systems and set gate.firewalled"
)


@asynccontextmanager
async def listening(
    gate: Gatekeeper, own: GateSettings, metrics: GateMetrics, token: Callable[[], str | None]
) -> AsyncIterator[None]:
    """Answer on each address of the settings for as long as the block lasts; at its end what is in flight is answered,
    and nothing else. `token` returns the token that HTTP requests bring now. Raises StraymailError where an address
    can't be used."""
    used = endpoints(own)
    most = connection_limit(own.connections * len(used)) // max(1, len(used))
    async with AsyncExitStack() as opened:
        for protocol, endpoint in used.items():
            if protocol != "http" and not endpoint.is_local and not own.firewalled:
                log.warning(OPEN_TO_OTHERS, protocol, endpoint)
            with naming(protocol, endpoint):
                await opened.enter_async_context(_listener(protocol, endpoint, gate, own, metrics, token, most))
        yield


def endpoints(own: GateSettings) -> dict[GateProtocol, Endpoint]:
    """The addresses of the settings, by protocol."""
    addresses: dict[GateProtocol, str | None] = {"policy": own.policy, "milter": own.milter, "http": own.http}
    return {protocol: Endpoint.parse(address) for protocol, address in addresses.items() if address}


def _listener(
    protocol: GateProtocol,
    endpoint: Endpoint,
    gate: Gatekeeper,
    own: GateSettings,
    metrics: GateMetrics,
    token: Callable[[], str | None],
    most: int,
) -> AbstractAsyncContextManager[None]:
    count, bad = metrics.connections.labels(protocol).set_function, metrics.bad_requests.labels(protocol).inc
    if protocol == "http":
        return serving_checks(gate, own, endpoint, token, most, count, bad)
    kind = PolicyConnection if protocol == "policy" else MilterConnection
    together = OpenConnections(most, MOST_KEPT_BYTES, bad)
    count(lambda: len(together))
    return _serving(kind, endpoint, gate, own.socket_group, together)


@asynccontextmanager
async def _serving(
    kind: type[MailSystemConnection],
    endpoint: Endpoint,
    gate: Gatekeeper,
    group: str | None,
    together: OpenConnections,
) -> AsyncIterator[None]:
    server = await endpoint.listen(lambda: kind(gate, together), backlog(together.most), group)
    try:
        yield
    finally:
        server.close()
        endpoint.remove()
        await _end(together)


async def _end(together: OpenConnections) -> None:
    """Close the connections, those at once that have not been answered after STOP_SECONDS."""
    together.stop()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await together.all_closed()
    except TimeoutError:
        together.abort()


@contextmanager
def naming(protocol: GateProtocol, endpoint: Endpoint) -> Iterator[None]:
    """Name the setting in the error of an address that can't be used, as a StraymailError."""
    try:
        yield
    except (OSError, LookupError) as error:
        reason = why_not_usable(error) if isinstance(error, OSError) else str(error)
        raise StraymailError(
            f"can't listen on {endpoint} ({reason}): set gate.{protocol} to an address that is free"
        ) from error
