"""One connection of a client: aiohttp's, with time limits for a request and for a client that doesn't read."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from streams.http.connection_pool import ConnectionPool

log = logging.getLogger(__name__)

REQUEST_SECONDS = 10.0
"""From a connection, or from the first byte of a further request, to the request with its body."""
IDLE_SECONDS = 75.0
"""Between two requests; longer than the 60 s after which nginx closes a connection, so that it closes first."""
STALLED_SECONDS = 30.0
"""How long a client may read nothing while more than 64 kB wait for it."""
UNREAD_BODY_SECONDS = 2.0
REASON_LENGTH = 200


class PlainResponse(web.Response):
    """A response without aiohttp's version in it."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Server", None)


class Connection(web.RequestHandler):
    """A connection that the pool may close, and that closes itself where its client is slow."""

    def __init__(self, server: web.Server, pool: ConnectionPool) -> None:
        options: dict[str, Any] = {
            "keepalive_timeout": IDLE_SECONDS,
            "lingering_time": UNREAD_BODY_SECONDS,
            "auto_decompress": False,  # a form has no use for it, and a few bytes could become many
            "access_log": None,
            "logger": log,
        }
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, **options)
        self._pool, self._clock = pool, loop
        self._peer = ""
        self._request_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._peer = (transport.get_extra_info("peername") or ("",))[0]
        if self._pool.add(self, self._peer):
            self._request_timer = self._clock.call_later(REQUEST_SECONDS, self.abort)
        else:
            self.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._pool.remove(self, self._peer)
        for timer in (self._request_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._request_timer is None and data:
            self._request_timer = self._clock.call_later(REQUEST_SECONDS, self.abort)
        super().data_received(data)

    def answered(self) -> None:
        """The request was complete: its answer is about to be sent."""
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def pause_writing(self) -> None:
        self._stall_timer = self._clock.call_later(STALLED_SECONDS, self.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
        super().resume_writing()

    def abort(self) -> None:
        """Close the connection at once."""
        if self.transport is not None:
            self.transport.abort()

    def pin(self) -> bool:
        """Keep the connection when others are closed for new ones; False where too many are kept already."""
        return self._pool.pin(self, self._peer)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to a request that can't be read, which isn't logged: it is a fault of the client. Any other error
        is one of ours."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        reason = (message or "").partition("\n")[0].rstrip(": ")[:REASON_LENGTH]
        response = PlainResponse(status=status, text=f"This request can't be read: {reason}\n")
        response.force_close()
        return response
