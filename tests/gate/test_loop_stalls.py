"""How long a request may have waited while the event loop stood still."""

from __future__ import annotations

import asyncio
import time

from streams.gate.loop_stalls import AFTERWARDS_SECONDS, BEAT_SECONDS, LoopStalls
from tests.gate.gates import run

STALL_SECONDS = 0.3


def test_what_is_read_in_a_stall_or_just_after_it_waited_for_it() -> None:
    async def work() -> None:
        stalls = LoopStalls()
        watching = asyncio.ensure_future(stalls.run())
        await asyncio.sleep(0)
        time.sleep(STALL_SECONDS)  # noqa: ASYNC251  # the process is stopped
        least_s = STALL_SECONDS - BEAT_SECONDS
        assert stalls.waited_s() >= least_s, "before the next beat"
        for _ in range(5):  # the next beat
            await asyncio.sleep(0)
        assert stalls.waited_s() >= least_s, "and after it"
        time.sleep(AFTERWARDS_SECONDS)  # noqa: ASYNC251
        assert stalls.waited_s() < least_s, "it is long over"
        watching.cancel()

    run(work())


def test_without_a_watch_nothing_waited() -> None:
    assert LoopStalls().waited_s() == 0
