"""The time limits of a connection, and what is answered to what can't be read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest
from aiohttp import web

from streams.http import connection
from streams.http.site import BoundedSite, bound_responses
from tests.broker.ports import free_ports

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], AbstractAsyncContextManager[Streams]]
SHORT_SECONDS, LONG_SECONDS = 0.3, 3.0


async def hello(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def body(request: web.Request) -> web.Response:
    return web.Response(text=f"{len(await request.read())} bytes")


async def large(_request: web.Request) -> web.Response:
    return web.Response(body=bytes(50_000_000))


async def slow(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await asyncio.sleep(3 * SHORT_SECONDS)
    await response.write(b"the end")
    return response


async def broken(_request: web.Request) -> web.Response:
    raise KeyError("a mistake of ours")


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def served(test: Callable[[Connect], Awaitable[None]]) -> None:
    """Run the test with a function that opens a connection."""

    async def run() -> None:
        app = web.Application()
        bound_responses(app)
        app.add_routes([web.get(f"/{each.__name__}", each) for each in (hello, large, slow, broken)])
        app.add_routes([web.post("/body", body)])
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        (port,) = free_ports(1)
        await BoundedSite(runner, "127.0.0.1", port, 100).start()
        try:
            await asyncio.wait_for(test(lambda: connected(port)), 20)
        finally:
            await runner.cleanup()

    asyncio.run(run())


def request(path: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} /{path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


async def closed_after(reader: asyncio.StreamReader) -> float:
    """Seconds until the server closes the connection."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    with suppress(ConnectionResetError):
        await reader.read()
    return loop.time() - begun


@pytest.mark.parametrize(
    "part",
    [b"", b"GET /he", request("hello")[:-2], request("body", "Content-Length: 9", method="POST") + b"x"],
    ids=["nothing", "half a line", "half a header", "half a body"],
)
def test_a_request_must_be_complete_in_time(part: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", SHORT_SECONDS)

    async def test(connect: Connect) -> None:
        async with connect() as (reader, writer):
            writer.write(part)
            assert SHORT_SECONDS / 2 < await closed_after(reader) < LONG_SECONDS

    served(test)


def test_a_byte_now_and_then_gives_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", SHORT_SECONDS)

    async def test(connect: Connect) -> None:
        async with connect() as (reader, writer):
            end = asyncio.ensure_future(closed_after(reader))
            for byte in request("hello", f"X-Long: {'x' * 10_000}"):
                if end.done():
                    break
                writer.write(bytes([byte]))
                await asyncio.wait([end], timeout=0.02)
            assert await end < LONG_SECONDS

    served(test)


def test_an_idle_connection_is_closed_and_serves_until_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", SHORT_SECONDS)

    async def test(connect: Connect) -> None:
        async with connect() as (reader, writer):
            for _ in range(3):
                writer.write(request("hello"))
                assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
            assert SHORT_SECONDS / 2 < await closed_after(reader) < LONG_SECONDS

    served(test)


def test_a_further_request_must_be_complete_in_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", SHORT_SECONDS)

    async def test(connect: Connect) -> None:
        async with connect() as (reader, writer):
            writer.write(request("hello"))
            await reader.readuntil(b"hello")
            await asyncio.sleep(2 * SHORT_SECONDS)
            writer.write(request("hello")[:-2])
            assert SHORT_SECONDS / 2 < await closed_after(reader) < LONG_SECONDS

    served(test)


def test_an_answer_may_take_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "REQUEST_SECONDS", SHORT_SECONDS)
    monkeypatch.setattr(connection, "STALLED_SECONDS", SHORT_SECONDS)

    async def test(connect: Connect) -> None:
        async with connect() as (reader, writer):
            writer.write(request("slow", "Connection: close"))
            assert b"the end" in await reader.read()

    served(test)


def test_a_client_that_reads_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "STALLED_SECONDS", SHORT_SECONDS)

    left, abort = asyncio.Event(), connection.Connection.abort

    def leave(client: connection.Connection) -> None:
        abort(client)
        left.set()

    monkeypatch.setattr(connection.Connection, "abort", leave)

    async def test(connect: Connect) -> None:
        async with connect() as (reader, writer):
            writer.write(request("large"))
            await left.wait()
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await reader.readexactly(50_000_000)

    served(test)


@pytest.mark.parametrize(
    "text", [b"\x16\x03\x01\x02\x00\x01\n\n", b"GET / HTTP/1.1\r\nX\xff\x00: 1\r\n\r\n", b"\r\nx\r\n\r\n"]
)
def test_what_is_no_request_gets_a_plain_400_and_is_not_logged(text: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def test(connect: Connect) -> None:
        async with connect() as (reader, writer):
            writer.write(text)
            answer = await reader.read()
            assert b" 400 Bad Request\r\n" in answer.partition(b"\n")[0] + b"\n"
            assert b"This request can't be read: " in answer
            assert b"server:" not in answer.lower()

    with caplog.at_level(logging.INFO):
        served(test)
    assert caplog.records == []


def test_a_mistake_of_ours_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def test(connect: Connect) -> None:
        async with connect() as (reader, writer):
            writer.write(request("broken"))
            answer = await reader.read()
            assert answer.startswith(b"HTTP/1.1 500")
            assert b"a mistake of ours" not in answer
            assert b"server:" not in answer.lower()

    served(test)
    assert [record.exc_info is not None for record in caplog.records] == [True]
