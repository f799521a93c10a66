"""Scoring progress of each partition of mail.events, and its watermark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LATENESS_MS = 5 * 60_000
"""Allowed disorder: mail up to this much older than the newest mail of its partition isn't late."""


@dataclass
class SourceProgress:
    """The newest event time scored (ms since the epoch), by source partition."""

    newest_ms: dict[int, int] = field(default_factory=dict)

    def advance(self, partition: int, newest_ms: int | None) -> None:
        """Record that a batch was scored; `newest_ms` is None where no event of it was readable."""
        if newest_ms is not None:
            self.newest_ms[partition] = max(newest_ms, self.newest_ms.get(partition, newest_ms))

    def restart(self, newest_ms: Mapping[int, int]) -> None:
        """Begin again after a rebalance: each partition starts at its committed offset, and `newest_ms` has the newest
        event times before it, where they are known."""
        self.newest_ms = dict(newest_ms)


def watermark_ms(newest_ms: int | None, *, at_end: bool, now_ms: int, by_clock: bool) -> int | None:
    """The event time (ms since the epoch) up to which a source partition is complete; None where it isn't known yet.

    By the clock, a partition that is read to its end is complete up to now, so that an idle one advances too. A history
    pipeline uses event time only, and so does a worker whose clock is wrong.
    """
    if at_end and by_clock:
        return now_ms - LATENESS_MS
    return None if newest_ms is None else newest_ms - LATENESS_MS
