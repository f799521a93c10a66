"""Free TCP ports on 127.0.0.1 that a broker can keep across a restart."""

from __future__ import annotations

import random
import socket

BELOW_OUTGOING = range(20_000, 32_000)
"""Linux takes the ports of outgoing connections from 32768 on, so it takes none of these while a broker is down."""


def free_ports(count: int) -> list[int]:
    """`count` distinct ports that no process listens on now."""
    found: list[int] = []
    for port in random.SystemRandom().sample(BELOW_OUTGOING, 200 + count):
        if _is_free(port):
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
