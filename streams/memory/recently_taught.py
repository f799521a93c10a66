"""What mail of a day has taught already, so that most mail of people who write to each other daily costs a look-up."""

from __future__ import annotations

from collections.abc import Iterable

PAIRS = 50_000
"""Pairs of sender and address in each of the two halves."""


class RecentlyTaught:
    """A bounded set, of hashes of 64 bits: the oldest half goes when the newer one is full."""

    def __init__(self) -> None:
        self._young: set[int] = set()
        self._old: set[int] = set()

    def new(self, day: int, inbound: bool, sender: str, addresses: Iterable[str]) -> list[tuple[str, int]]:
        """The addresses that a mail of a day, inbound or outbound, has not taught yet, each with its mark for `add`."""
        new = []
        for address in addresses:
            mark = hash((day, inbound, sender, address))
            if mark not in self._young and not self._is_old(mark):
                new.append((address, mark))
        return new

    def add(self, mark: int) -> None:
        """What this mark is of has been taught."""
        if len(self._young) >= PAIRS:
            self._old, self._young = self._young, set()
        self._young.add(mark)

    def __len__(self) -> int:
        return len(self._young | self._old)

    def _is_old(self, mark: int) -> bool:
        """Whether the old half has a mark; from now on the young one has it too."""
        if mark not in self._old:
            return False
        self.add(mark)
        return True
