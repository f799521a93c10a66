"""Limits each visitor's request rate with a token bucket, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict

VISITORS_KEPT = 10_000


class RateLimit:
    """Allows `per_second` requests on average and `burst` at once; times are monotonic seconds."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, float(burst)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, visitor: str, now_s: float) -> bool:
        """Count a request; False where it exceeds the limit."""
        left, then = self._left.pop(visitor, (self._burst, now_s))
        left = min(self._burst, left + (now_s - then) * self._per_second)
        allowed = left >= 1
        self._left[visitor] = (left - 1 if allowed else left, now_s)
        if len(self._left) > VISITORS_KEPT:
            self._left.popitem(last=False)
        return allowed
