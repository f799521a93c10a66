"""Connections that are opened and then send only part of a request, as a stranger would to use them up."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

PART = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Never: "
OPEN_FILES = 512
"""What this process needs besides the connections."""


@contextmanager
def half_open(port: int, count: int, part: bytes = PART) -> Iterator[None]:
    """`count` connections that have sent half a header each, or `part`; those that the server closes stay closed."""
    with ExitStack() as opened, _more_open_files(count + OPEN_FILES):
        for _ in range(count):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            connection.sendall(part)
        yield


@contextmanager
def unread(port: int, path: str) -> Iterator[None]:
    """A client that has asked for a page again and again, and reads none."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        client.connect(("127.0.0.1", port))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 400)
        yield


@contextmanager
def _more_open_files(wanted: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard >= wanted, f"this test needs {wanted} open files, and the hard limit is {hard}"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def exchange(port: int, request: bytes, seconds: float = 5.0) -> bytes:
    """All that the server sends back until it closes the connection, or until `seconds` have passed."""
    end = time.monotonic() + seconds
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request)
        while (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                part = connection.recv(65_536)
            except (TimeoutError, ConnectionResetError):
                break
            if not part:
                break
            answer += part
    return answer


def exchange_all(port: int, requests: list[bytes], seconds: float) -> list[bytes]:
    """What the server sends back to each request, on connections of their own at the same time, within `seconds`."""

    async def one(request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answer = b""
        try:
            writer.write(request)
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(seconds):
                    while part := await reader.read(65_536):
                        answer += part
            return answer
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def all_of_them() -> list[bytes]:
        return await asyncio.gather(*map(one, requests))

    return asyncio.run(all_of_them())


def ask(port: int, path: str, *headers: str, method: str = "GET", body: bytes = b"") -> tuple[int, bytes]:
    """Status and the whole answer of one request on a connection of its own."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    answer = exchange(port, "\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    return (int(answer.split(b" ", 2)[1]) if answer else 0), answer
