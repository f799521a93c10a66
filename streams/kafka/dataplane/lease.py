"""How long a worker may assume that its partitions are still assigned to it.

A worker that was paused for longer than its session has lost its partitions to others, and learns this only some
moments after it resumes. What it published until then would be older than what the others have published.
"""

from __future__ import annotations


class Lease:
    """Valid for `seconds` (the session timeout) after the last answered heartbeat was sent.

    The group's coordinator reassigns a member's partitions no earlier than a whole session after it received that
    heartbeat. Times are seconds of the monotonic clock. One thread writes it, others read it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until_s = float("-inf")

    def renew(self, sent_s: float) -> None:
        """Renew the lease, since the coordinator has answered the heartbeat sent at `sent_s`."""
        self._until_s = max(self._until_s, sent_s + self._seconds)

    def is_valid(self, now_s: float) -> bool:
        """True as long as the partitions can't have been assigned to another worker."""
        return now_s < self._until_s
