"""What the mode `confirm` would ask, while a gate only audits."""

from __future__ import annotations

from collections import OrderedDict

AGAIN_MS = 60 * 60_000
"""A sender is counted again for the same recipient after this time (ms), the default of `gate.window`."""
PAIRS_KEPT = 100_000


class WouldAsk:
    """Remembers which senders would have been asked about which recipients, in memory alone: mail that is sent
    again and again is one question."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, int] = OrderedDict()

    def is_new(self, pair: str, now_ms: int) -> bool:
        """Whether the sender would be asked now; `pair` is the digest of sender and recipient."""
        asked_ms = self._asked.get(pair)
        if asked_ms is not None and now_ms - asked_ms < AGAIN_MS:
            return False
        self._asked.pop(pair, None)
        self._asked[pair] = now_ms
        if len(self._asked) > PAIRS_KEPT:
            self._asked.popitem(last=False)
        return True
