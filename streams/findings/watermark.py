"""The watermark: the event time up to which all source partitions have been read."""

from streams.events.hit import Tick


class Watermark:
    """The lowest progress of all source partitions, as their watermark messages report it; it never goes back.

    `ms` is None until every source partition has reported, unless a watermark was restored.
    """

    def __init__(self, ms: int | None = None) -> None:
        self.ms = ms
        self._partition_count = 0
        self._progress_ms: dict[str, int] = {}

    def update(self, tick: Tick) -> None:
        """Apply a worker's watermark message."""
        self._partition_count = max(self._partition_count, tick.of)
        for partition, time_ms in tick.tick.items():
            self._progress_ms[partition] = max(time_ms, self._progress_ms.get(partition, time_ms))
        if self._progress_ms and len(self._progress_ms) >= self._partition_count:
            lowest = min(self._progress_ms.values())
            self.ms = lowest if self.ms is None else max(self.ms, lowest)

    def has_passed(self, time_ms: int) -> bool:
        """Whether the watermark is at or after this time."""
        return self.ms is not None and self.ms >= time_ms
