"""Which findings have grown since their last alert, and when each is to be published again.

The time is that of the watermark messages: event time while mail flows, the clock of their senders where partitions are
idle. It is counted from the restore of the state, so that nothing of it needs to be stored.
"""

from streams.events.hit import Tick
from streams.findings.store.agenda import Agenda

ROUND_MS = 60_000


class ElapsedTime:
    """The time that has passed since the first watermark message: that of the source partition that advanced furthest.

    Unlike the watermark, it doesn't wait for a partition that stands still. Nor does one that was ahead of all others
    stop it for long: every ROUND_MS all partitions start level again.
    """

    def __init__(self) -> None:
        self.ms = 0
        self._round_ms = 0
        self._starts_ms: dict[str, int] = {}
        self._progress_ms: dict[str, int] = {}

    def update(self, tick: Tick) -> None:
        """Apply a watermark message."""
        for partition, time_ms in tick.tick.items():
            reached_ms = max(time_ms, self._progress_ms.get(partition, time_ms))
            self._progress_ms[partition] = reached_ms
            start_ms = self._starts_ms.setdefault(partition, reached_ms)
            self.ms = max(self.ms, self._round_ms + reached_ms - start_ms)
        if self.ms >= self._round_ms + ROUND_MS:
            self._round_ms, self._starts_ms = self.ms, dict(self._progress_ms)


class Freshness:
    """The windows whose finding has grown since its last alert, each with the elapsed time at which it is due."""

    def __init__(self) -> None:
        self._elapsed = ElapsedTime()
        self._due_ms: dict[bytes, int] = {}
        self._agenda = Agenda()

    def update(self, tick: Tick) -> None:
        """Apply a watermark message."""
        self._elapsed.update(tick)

    @property
    def elapsed_ms(self) -> int:
        """The time that has passed since the first watermark message."""
        return self._elapsed.ms

    def grew(self, key: bytes, due_ms: int) -> None:
        """Note that a finding grew, and when it is due by the elapsed time, unless it was due earlier already."""
        if key not in self._due_ms or due_ms < self._due_ms[key]:
            self._due_ms[key] = due_ms
            self._agenda.add(due_ms, key)

    def published(self, key: bytes) -> None:
        """Note that an alert has the present state of a finding."""
        self._due_ms.pop(key, None)

    def is_due(self) -> bool:
        """Whether a finding may be due."""
        return self._agenda.is_due(self._elapsed.ms)

    def take(self) -> bytes | None:
        """Remove and return the key of a finding that is due; None if there is none."""
        while (key := self._agenda.take(self._elapsed.ms)) is not None:
            if self._due_ms.get(key, self._elapsed.ms + 1) <= self._elapsed.ms:
                del self._due_ms[key]
                return key
        return None
