"""An address that the gate listens on: a host and a port, or a Unix socket."""

from __future__ import annotations

import asyncio
import errno
import grp
import os
import shutil
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from streams.gate.listeners.open_connections import is_local

UNIX = "unix:"
SOCKET_MASK = 0o117
"""Leaves 0660, as Postfix has its own sockets: owner and group may connect."""
PROBE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a port, or the `path` of a Unix socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """The endpoint in `HOST:PORT`, with IPv6 in brackets, or `unix:/PATH`, which the settings have validated."""
        if text.startswith(UNIX):
            return cls(path=text.removeprefix(UNIX))
        host, _, port = text.rpartition(":")
        return cls(host.removeprefix("[").removesuffix("]"), int(port))

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return bool(self.path) or self.host == "localhost" or is_local(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{UNIX}{self.path}" if self.path else f"{host}:{self.port}"

    async def listen(
        self, factory: Callable[[], asyncio.BaseProtocol], backlog: int, group: str | None = None
    ) -> asyncio.Server:
        """Listen. Raises OSError where the address is in use or can't be used, LookupError without such a group.

        A Unix socket that no process listens on any more is replaced. It has mode 0660, and this group or that of the
        process.
        """
        loop = asyncio.get_running_loop()
        if not self.path:
            return await loop.create_server(factory, self.host, self.port, backlog=backlog)
        listener = await asyncio.to_thread(_bind, self.path, group)
        return await loop.create_unix_server(factory, sock=listener, backlog=backlog)

    def check(self, group: str | None = None) -> None:
        """Raise what `listen` would raise, unless it is that the address is in use: a gate that runs has it."""
        if not self.path:
            for family, kind, _, _, address in socket.getaddrinfo(self.host, None, type=socket.SOCK_STREAM):
                with socket.socket(family, kind) as probe:
                    probe.bind(address)
            return
        if not (folder := Path(self.path).absolute().parent).is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        if group is not None:
            grp.getgrnam(group)

    def remove(self) -> None:
        """Remove the file of a Unix socket that is no longer listened on."""
        if self.path:
            Path(self.path).unlink(missing_ok=True)


def _bind(path: str, group: str | None) -> socket.socket:
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX)
    mask = os.umask(SOCKET_MASK)  # from its first moment on nobody else may connect
    try:
        listener.bind(path)
        if group is not None:
            shutil.chown(path, group=group)
    except BaseException:
        listener.close()
        raise
    finally:
        os.umask(mask)
    return listener


def _remove_stale(path: str) -> None:
    """Remove the socket of a process that has ended. OSError where one still listens on it, or it is another file."""
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OSError(errno.EEXIST, "there is a file that is no socket", path)
    with socket.socket(socket.AF_UNIX) as probe, suppress(ConnectionRefusedError, FileNotFoundError):
        probe.settimeout(PROBE_SECONDS)
        probe.connect(path)
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), path)
    Path(path).unlink(missing_ok=True)
