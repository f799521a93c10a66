"""What goes on beside the agents: an exception in any of it ends the process, as one in an agent does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

log = logging.getLogger(__name__)


async def guarded(app: Any, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` to its end; its exception crashes the app, so that nothing goes on without it."""
    try:
        await work()
    except Exception as error:
        log.exception("ending: a part that the pipeline needs has failed")
        await app.crash(error)


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Call `work` again and again, so many seconds after its last end."""
    while True:
        await asyncio.sleep(seconds)
        await work()
