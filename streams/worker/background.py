"""What goes on beside the agents: an exception in any of it ends the process, as one in an agent does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def guarded(work: Callable[[], Awaitable[None]], on_failure: Callable[[Exception], None]) -> None:
    """Run `work` to its end; its exception goes to `on_failure`, which ends the process: nothing goes on without it."""
    try:
        await work()
    except Exception as error:
        on_failure(error)


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Call `work` again and again, so many seconds after its last end."""
    while True:
        await asyncio.sleep(seconds)
        await work()
