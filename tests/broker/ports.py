"""Free TCP ports on 127.0.0.1, also such that a broker keeps while it is down."""

from __future__ import annotations

import fcntl
import os
import random
import socket
from functools import cache

from tests.cache import cache_folder

BELOW_OUTGOING = range(20_000, 32_000)
"""Linux takes the ports of outgoing connections from 32768 on, so it takes none of these while a broker is down."""
_kept: set[int] = set()
"""Those that this process keeps: its own locks don't stop it."""


def free_ports(count: int, *, keep: bool = False) -> list[int]:
    """`count` distinct ports that no process listens on now. With `keep` no other call returns one of them as long as
    this process lives, in whatever process: another broker at the port of one that is down would answer its clients."""
    found: list[int] = []
    for port in random.SystemRandom().sample(BELOW_OUTGOING, 200 + count):
        if _is_free(port) and _is_kept_by_nobody(port, keep=keep):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"found only {len(found)} of {count} free ports on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _is_kept_by_nobody(port: int, *, keep: bool) -> bool:
    """Whether no process has a lock on the port's byte of a file that all share; with `keep` this one has it then."""
    if port in _kept:
        return False
    try:
        fcntl.lockf(_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    if keep:
        _kept.add(port)
    else:
        fcntl.lockf(_locks(), fcntl.LOCK_UN, 1, port)
    return True


@cache
def _locks() -> int:
    """The file, open as long as the process lives: closing it would give up all locks."""
    path = cache_folder("ports.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
