"""Notices that the event loop stood still, and so how long a request may have waited before anybody read it."""

from __future__ import annotations

import asyncio

from streams import clock

BEAT_SECONDS = 0.05
LEAST_SECONDS = 0.02
"""A beat that is late by less is none of a stall."""
AFTERWARDS_SECONDS = 0.1
"""What is read so soon after a stall may have waited for all of it."""


class LoopStalls:
    """The stalls of the event loop in which `run` runs: by a stopped process, a busy machine, or long work."""

    def __init__(self) -> None:
        self._beat_s: float | None = None
        self._stall_s = self._over_s = 0.0

    async def run(self) -> None:
        """Watch the event loop until cancelled."""
        while True:
            now_s = clock.monotonic()
            stall_s = self._late_s(now_s)
            if stall_s >= max(LEAST_SECONDS, self._lately_s(now_s)):
                self._stall_s, self._over_s = stall_s, now_s + AFTERWARDS_SECONDS
            self._beat_s = now_s
            await asyncio.sleep(BEAT_SECONDS)

    def waited_s(self) -> float:
        """For how many seconds a request that is read now may have waited; 0 while `run` doesn't run."""
        now_s = clock.monotonic()
        late_s = self._late_s(now_s)  # a stall that is over may show here before the next beat
        return max(late_s if late_s >= LEAST_SECONDS else 0.0, self._lately_s(now_s))

    def _late_s(self, now_s: float) -> float:
        return 0.0 if self._beat_s is None else now_s - self._beat_s - BEAT_SECONDS

    def _lately_s(self, now_s: float) -> float:
        return self._stall_s if now_s < self._over_s else 0.0
