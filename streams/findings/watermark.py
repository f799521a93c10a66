"""The watermark: the event time up to which all source partitions have been read."""

from streams.events.hit import Tick


class Watermark:
    """The least of the highest ticks of all source partitions, once each has spoken; it never goes back.

    `ms` is None before that, when nothing was loaded.
    """

    def __init__(self, ms: int | None = None) -> None:
        self.ms = ms
        self._of = 0
        self._highest: dict[str, int] = {}

    def tell(self, tick: Tick) -> None:
        """Take a worker's tick in."""
        self._of = max(self._of, tick.of)
        for partition, time_ms in tick.tick.items():
            self._highest[partition] = max(time_ms, self._highest.get(partition, time_ms))
        if self._highest and len(self._highest) >= self._of:
            least = min(self._highest.values())
            self.ms = least if self.ms is None else max(self.ms, least)

    def has_passed(self, time_ms: int) -> bool:
        """Whether no more mail before this time is waited for."""
        return self.ms is not None and self.ms >= time_ms
