"""How many windows all partitions of a worker may keep unpacked together."""

from itertools import count
from typing import Protocol
from weakref import WeakSet

MAX_UNPACKED = 5_000
MAX_UNPACKED_HITS = 80_000
"""An unpacked hit takes some 300 bytes instead of 41, an unpacked window some 2.5 kB more than a packed one."""


class UnpackedWindows(Protocol):
    """The unpacked windows of one partition, of which there are `unpacked_count`, with `unpacked_hits` hits."""

    @property
    def unpacked_count(self) -> int: ...

    @property
    def unpacked_hits(self) -> int: ...

    @property
    def oldest_use(self) -> int:
        """The number of the use of the least recently used one."""

    def pack_oldest(self) -> int:
        """Pack the least recently used one; returns the number of its hits."""


class UnpackedBudget:
    """Packs the least recently used windows of all partitions until few enough are unpacked.

    A worker has one, and uses it on one thread: a restore, in another one, unpacks nothing. The windows of a partition
    are forgotten with its state.
    """

    def __init__(self) -> None:
        self._partitions: WeakSet[UnpackedWindows] = WeakSet()
        self._uses = count(1)

    def join(self, windows: UnpackedWindows) -> None:
        """Let a partition share the budget, not later than with its first unpacked window."""
        self._partitions.add(windows)

    def use(self) -> int:
        """The number of the use of a window that begins now; it rises."""
        return next(self._uses)

    def trim(self) -> None:
        """Pack windows until both limits are met."""
        count = sum(windows.unpacked_count for windows in self._partitions)
        hits = sum(windows.unpacked_hits for windows in self._partitions)
        while count > MAX_UNPACKED or hits > MAX_UNPACKED_HITS:
            unpacked = (windows for windows in self._partitions if windows.unpacked_count)
            hits -= min(unpacked, key=lambda windows: windows.oldest_use).pack_oldest()
            count -= 1
