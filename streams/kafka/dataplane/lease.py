"""How long a worker may take its partitions for its own without asking.

A worker that stood still for longer than its session has lost them to others, and learns so only some moments after it
goes on: what it would publish until then is older than what the others have published.
"""

from __future__ import annotations


class Lease:
    """Holds for `seconds` from the moment of the last heartbeat that the group's coordinator has answered.

    The coordinator gives a member's partitions away no sooner than a whole session after that heartbeat came to it.
    Times are seconds of the monotonic clock. Written by one thread, read by others.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until_s = float("-inf")

    def renew(self, asked_s: float) -> None:
        """The coordinator has answered what was sent at `asked_s`."""
        self._until_s = max(self._until_s, asked_s + self._seconds)

    def is_valid(self, now_s: float) -> bool:
        """Whether nobody else can have the partitions yet."""
        return now_s < self._until_s
