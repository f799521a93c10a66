"""The open connections of one listener, and what bounds them: how many there are, and how many bytes they keep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from streams.http.connection_pool import Closable, ConnectionPool
from streams.networks import LOOPBACK, address_in, is_within


class Stoppable(Closable, Protocol):
    """A connection that can finish what it does."""

    def stop(self) -> None:
        """Close it after the answer to the request that is in flight."""


class OpenConnections:
    """The connections of a listener, and a budget of bytes that they share.

    On loopback and on Unix sockets one client is a whole mail system; from elsewhere one address has at most a quarter
    of the connections. When there are too many, those are closed first that have not sent a whole request.
    `on_bad_request` is called for each request that breaks the protocol or its bounds.
    """

    def __init__(self, most: int, most_bytes: int, on_bad_request: Callable[[], None]) -> None:
        self.most, self.on_bad_request = most, on_bad_request
        self._pool = ConnectionPool(most, is_local)
        self._open: dict[Stoppable, str] = {}
        self._free_bytes = most_bytes
        self._is_stopping = False
        self._all_closed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Stoppable, peer: str) -> bool:
        """Admit a connection from this address, empty for a Unix socket; False where there is no room for it."""
        if self._is_stopping or not self._pool.add(connection, peer):
            return False
        self._open[connection] = peer
        return True

    def keep(self, connection: Stoppable) -> None:
        """Don't close the connection for others, as long as there are not too many of these."""
        self._pool.pin(connection, self._open.get(connection, ""))

    def remove(self, connection: Stoppable) -> None:
        """Forget a connection that was closed; nothing happens where it isn't known."""
        peer = self._open.pop(connection, None)
        if peer is not None:
            self._pool.remove(connection, peer)
        if self._is_stopping and not self._open:
            self._all_closed.set()

    def take_bytes(self, count: int) -> bool:
        """Keep so many bytes more; False, and nothing is taken, where the budget doesn't have them."""
        if count > self._free_bytes:
            return False
        self._free_bytes -= count
        return True

    def give_bytes(self, count: int) -> None:
        """So many bytes are no longer kept."""
        self._free_bytes += count

    def stop(self) -> None:
        """Let each connection end after the answer that is in flight, and admit no other."""
        self._is_stopping = True
        if not self._open:
            self._all_closed.set()
        for connection in list(self._open):
            connection.stop()

    async def all_closed(self) -> None:
        """Wait until all connections are closed; `stop` comes first."""
        await self._all_closed.wait()

    def abort(self) -> None:
        """Close what is still open at once."""
        for connection in list(self._open):
            connection.abort()


def is_local(peer: str) -> bool:
    """Whether a client is on this machine; a Unix socket has no address, so that its peer is empty."""
    address = address_in(peer)
    return not peer or (address is not None and is_within(address, LOOPBACK))
