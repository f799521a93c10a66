"""Waits for connections that close in their own time."""

from __future__ import annotations

import asyncio
from typing import Any


async def all_closed() -> None:
    """Return when the running event loop has no connection left.

    TLS takes leave of its peer before it closes. A connection that is open when its loop ends fails whichever test runs
    when it is collected.
    """
    loop: Any = asyncio.get_running_loop()
    while len(loop._selector.get_map()) > 1:  # noqa: ASYNC110  # one is the loop's own
        await asyncio.sleep(0.01)
