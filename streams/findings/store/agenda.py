"""Keys scheduled by event time: finds those that the watermark has reached without scanning the others."""

import heapq


class Agenda:
    """Keys by the time at which they are due. Many keys share few times, so the heap is of times, not of keys."""

    def __init__(self) -> None:
        self._times: list[int] = []
        self._keys: dict[int, list[bytes]] = {}

    def add(self, time_ms: int, key: bytes) -> None:
        """Schedule a key for a time."""
        if time_ms not in self._keys:
            heapq.heappush(self._times, time_ms)
            self._keys[time_ms] = []
        self._keys[time_ms].append(key)

    def is_due(self, watermark_ms: int | None) -> bool:
        """Whether any key is due; none is without a watermark."""
        return watermark_ms is not None and bool(self._times) and self._times[0] <= watermark_ms

    def take(self, watermark_ms: int | None) -> bytes | None:
        """Remove and return a key with the earliest due time; None if no key is due."""
        if not self.is_due(watermark_ms):
            return None
        keys = self._keys[self._times[0]]
        key = keys.pop()
        if not keys:
            del self._keys[heapq.heappop(self._times)]
        return key
