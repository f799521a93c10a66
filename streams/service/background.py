"""Background tasks of a process: `guarded` passes an exception on, such as to what ends the process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


async def guarded(work: Callable[[], Awaitable[None]], on_failure: Callable[[Exception], None]) -> None:
    """Run `work` to its end; pass its exception to `on_failure`, which ends the process."""
    try:
        await work()
    except Exception as error:
        on_failure(error)


async def every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Call `work` forever, with a pause of `seconds` before each call."""
    while True:
        await asyncio.sleep(seconds)
        await work()
