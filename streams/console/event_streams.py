"""Counts the open event streams: in all, and for each visitor, so that one can't take the places of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

FEWEST_EACH = 2


class TooManyStreamsError(Exception):
    """No further stream may be opened; `status` is that of the answer, the message is one sentence."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class EventStreams:
    """At most `most` streams, a quarter of them for one visitor, but at least two. A visitor without a name, which
    stands for everybody on this machine, may open all."""

    def __init__(self, most: int) -> None:
        self._most, self._most_each = most, max(FEWEST_EACH, most // 4)
        self._open: Counter[str] = Counter()

    @contextmanager
    def opened(self, visitor: str) -> Iterator[None]:
        """Count a stream for as long as the block lasts. Raises TooManyStreamsError."""
        if self._open.total() >= self._most:
            raise TooManyStreamsError(
                503, f"Too many pages are open: close one, or raise console.streams ({self._most})."
            )
        if visitor and self._open[visitor] >= self._most_each:
            raise TooManyStreamsError(
                429, f"You have {self._most_each} pages open, and one visitor may have no more: close one."
            )
        self._open[visitor] += 1
        try:
            yield
        finally:
            self._open[visitor] -= 1
            if not self._open[visitor]:
                del self._open[visitor]
