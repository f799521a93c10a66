"""How many files and sockets this process may have open."""

from __future__ import annotations

import resource
from contextlib import suppress

RESERVED = 512
"""Left to Kafka, to files, and to connections that are accepted before one is closed for them."""
FEWEST = 16
LEAST_BACKLOG, MOST_BACKLOG = 128, 1024


def connection_limit(wanted: int) -> int:
    """The connections that a server may have open: `wanted`, or fewer where the limit of open files is low. Raises the
    soft limit of open files to the hard one, where that is allowed."""
    return max(FEWEST, min(wanted, _raise_limit() - RESERVED))


def backlog(connections: int) -> int:
    """How many connections may wait to be accepted. asyncio accepts them all at once, and it takes four turns of the
    event loop until others are closed for them."""
    return max(LEAST_BACKLOG, min(MOST_BACKLOG, (_raise_limit() - connections) // 4))


def _raise_limit() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # macOS allows less than its hard limit says
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return 1 << 20 if soft == resource.RLIM_INFINITY else soft
