"""What is due when the watermark passes a time: found without looking at what is not due."""

import heapq


class Agenda:
    """Keys by the time at which they are due. Many keys share few times, so there is a heap of times, not of keys."""

    def __init__(self) -> None:
        self._times: list[int] = []
        self._keys: dict[int, list[bytes]] = {}

    def add(self, time_ms: int, key: bytes) -> None:
        """Put a key down for a time."""
        if time_ms not in self._keys:
            heapq.heappush(self._times, time_ms)
            self._keys[time_ms] = []
        self._keys[time_ms].append(key)

    def is_due(self, watermark_ms: int | None) -> bool:
        """Whether something is due."""
        return watermark_ms is not None and bool(self._times) and self._times[0] <= watermark_ms

    def take(self, watermark_ms: int | None) -> bytes | None:
        """The next key that is due, which leaves the agenda; None where none is."""
        if not self.is_due(watermark_ms):
            return None
        keys = self._keys[self._times[0]]
        key = keys.pop()
        if not keys:
            del self._keys[heapq.heappop(self._times)]
        return key
