"""A listening address whose connections are bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from yarl import URL

from streams.http.connection import Connection, PlainResponse
from streams.http.connection_pool import ConnectionPool
from streams.http.open_files import backlog, connection_limit

RequestHandling = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
CONTINUE = "100-continue"
CLOSING_SECONDS = 1.0
"""How long responses in flight may take when a server of pages stops; aiohttp's default is a minute."""
NO_TARGET = URL("*")
"""In place of a missing one; no application has a page there."""


class BoundedSite(web.BaseSite):
    """Serves a runner's application on a host and a port, with at most `most` connections, or fewer where the limit of
    open files is low; `is_shared` as in ConnectionPool. Use it in place of web.TCPSite, with `bound_responses`."""

    def __init__(
        self,
        runner: web.BaseRunner,
        host: str,
        port: int,
        most: int,
        is_shared: Callable[[str], bool] = lambda _: False,
    ) -> None:
        limit = connection_limit(most)
        super().__init__(runner, backlog=backlog(limit))
        self._host, self._port, self._pool = host, port, ConnectionPool(limit, is_shared)

    @property
    def name(self) -> str:
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen. Raises OSError where the address is in use or isn't one of this machine."""
        await super().start()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner was cleaned up")
        server.request_handler = _without_odd_expectations(server.request_handler)
        server.request_factory = _with_target(server.request_factory)
        self._server = await self.listen(lambda: Connection(server, self._pool))

    def open_connections(self) -> int:
        """How many connections are open."""
        return len(self._pool)

    async def listen(self, factory: Callable[[], asyncio.Protocol]) -> asyncio.Server:
        """The server that listens; another kind of address has its own."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(factory, self._host, self._port, backlog=self._backlog)


def bound_responses(app: web.Application) -> None:
    """Let a response of the application end the time limit of its request, and name no server software."""
    app.on_response_prepare.append(_before_response)


def keep_open(request: web.Request) -> bool:
    """Never close the connection of this request for another; False where too many are kept open already."""
    protocol = request.protocol
    return protocol.pin() if isinstance(protocol, Connection) else True


def _without_odd_expectations(handler: RequestHandling) -> RequestHandling:
    """Refuse what aiohttp would answer with the header's own text, which may not be encodable."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Expect", CONTINUE).lower() == CONTINUE:
            return await handler(request)
        response = PlainResponse(status=417, text="Only 100-continue may be expected.\n")
        response.force_close()
        return response

    return handle


def _with_target(factory: Callable[..., web.BaseRequest]) -> Callable[..., web.BaseRequest]:
    """Make a request also of `CONNECT` alone in its line, which has no target, and of a host that can't be decoded
    (`http://xn--a/`): aiohttp raises for these."""

    def make(message: Any, *args: Any) -> web.BaseRequest:
        try:
            if message.path is not None:
                return factory(message, *args)
        except UnicodeError:
            pass
        return factory(message._replace(path=str(NO_TARGET), url=NO_TARGET), *args)

    return make


async def _before_response(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.popall("Server", None)
    protocol = request.protocol
    if isinstance(protocol, Connection):
        protocol.answered()
