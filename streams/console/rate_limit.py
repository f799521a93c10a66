"""How often a visitor may ask: a bucket each, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict

VISITORS_KEPT = 10_000


class RateLimit:
    """`a_second` requests on average, `at_once` in a burst; times are monotonic seconds."""

    def __init__(self, a_second: float, at_once: int) -> None:
        self._a_second, self._at_once = a_second, float(at_once)
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def left(self, visitor: str, now_s: float) -> bool:
        """Whether a request would be allowed."""
        left, then = self._left.get(visitor, (self._at_once, now_s))
        return left + (now_s - then) * self._a_second >= 1

    def take(self, visitor: str, now_s: float) -> bool:
        """Count a request; False where it is one too many."""
        allowed = self.left(visitor, now_s)
        left, then = self._left.pop(visitor, (self._at_once, now_s))
        left = min(self._at_once, left + (now_s - then) * self._a_second)
        self._left[visitor] = (left - 1 if allowed else left, now_s)
        if len(self._left) > VISITORS_KEPT:
            self._left.popitem(last=False)
        return allowed
