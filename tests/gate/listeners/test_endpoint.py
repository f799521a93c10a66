"""Addresses to listen on."""

from __future__ import annotations

import asyncio
import grp
import os
import socket
import stat
from pathlib import Path

import pytest

from streams.gate.listeners.endpoint import Endpoint


@pytest.mark.parametrize(
    ("text", "endpoint", "is_local"),
    [
        ("127.0.0.1:10040", Endpoint("127.0.0.1", 10040), True),
        ("localhost:1", Endpoint("localhost", 1), True),
        ("[::1]:10040", Endpoint("::1", 10040), True),
        ("0.0.0.0:10040", Endpoint("0.0.0.0", 10040), False),  # noqa: S104  # it is parsed alone
        ("unix:/run/gate", Endpoint(path="/run/gate"), True),
    ],
)
def test_an_endpoint_is_written_as_it_was_read(text: str, endpoint: Endpoint, is_local: bool) -> None:
    assert Endpoint.parse(text) == endpoint
    assert (str(endpoint), endpoint.is_local) == (text, is_local)


async def listen(path: Path, group: str | None = None) -> asyncio.Server:
    return await Endpoint(path=str(path)).listen(asyncio.Protocol, 16, group)


def test_a_socket_may_be_used_by_its_group_alone(tmp_path: Path) -> None:
    async def test() -> None:
        group = grp.getgrgid(os.getgid())
        for name in (None, group.gr_name):
            path = tmp_path / f"gate-{name}"
            async with await listen(path, name):
                found = path.stat()
            assert (stat.S_IMODE(found.st_mode), found.st_gid) == (0o660, group.gr_gid)
            Endpoint(path=str(path)).remove()
            assert not path.exists()
        Endpoint("127.0.0.1", 1).remove()

    asyncio.run(test())


def test_the_socket_of_a_process_that_has_ended_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "gate"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    async def test() -> None:
        async with await listen(path):
            _, writer = await asyncio.open_unix_connection(path)
            writer.close()
            await writer.wait_closed()

    asyncio.run(test())


def test_what_is_in_use_or_no_socket_stays(tmp_path: Path) -> None:
    path, file = tmp_path / "gate", tmp_path / "file"
    file.write_text("x")

    async def test() -> None:
        async with await listen(path):
            with pytest.raises(OSError, match="in use"):
                await listen(path)
            with pytest.raises(OSError, match="no socket"):
                await listen(file)
            with pytest.raises(LookupError, match="nosuchgroup"):
                await listen(tmp_path / "other", "nosuchgroup")

    asyncio.run(test())
    assert file.read_text() == "x"
