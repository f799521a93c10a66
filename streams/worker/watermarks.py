"""How far each partition of mail.events was scored, and the watermark that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field

LATENESS_MS = 5 * 60_000
"""Mail may come so much later than newer mail of its partition without being late."""


@dataclass
class SourceProgress:
    """The next offset to score and the newest event time scored (ms since the epoch), by source partition."""

    next_offset: dict[int, int] = field(default_factory=dict)
    newest_ms: dict[int, int] = field(default_factory=dict)

    def done(self, partition: int, next_offset: int, newest_ms: int | None) -> None:
        """A batch was scored; `newest_ms` is None where no event of it could be read."""
        self.next_offset[partition] = next_offset
        if newest_ms is not None:
            self.newest_ms[partition] = max(newest_ms, self.newest_ms.get(partition, newest_ms))

    def clear(self) -> None:
        """Forget everything: after a rebalance the committed offsets tell where each partition stands."""
        self.next_offset.clear()
        self.newest_ms.clear()

    def snapshot(self) -> SourceProgress:
        """A copy that later batches don't change."""
        return SourceProgress(dict(self.next_offset), dict(self.newest_ms))


def watermark_ms(newest_ms: int | None, *, at_end: bool, now_ms: int, history: bool) -> int | None:
    """The event time up to which a source partition is complete, or None where nothing can be said yet.

    A partition that is read to its end is complete up to now, so that an idle one moves on; a history pipeline goes
    by event time alone.
    """
    if at_end and not history:
        return now_ms - LATENESS_MS
    return None if newest_ms is None else newest_ms - LATENESS_MS
