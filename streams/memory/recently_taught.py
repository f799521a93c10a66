"""What mail of a day has taught already, so that most mail of people who write to each other daily costs a look-up."""

from __future__ import annotations

PAIRS = 50_000
"""Pairs of sender and address in each of the two halves."""
Taught = tuple[int, bool, str, str]
"""The day, whether the mail was inbound, its sender, and the address that it taught."""


class RecentlyTaught:
    """A bounded set, of hashes of 64 bits: the oldest half goes when the newer one is full."""

    def __init__(self) -> None:
        self._young: set[int] = set()
        self._old: set[int] = set()

    def __contains__(self, taught: Taught) -> bool:
        pair = hash(taught)
        if pair in self._young:
            return True
        if pair not in self._old:
            return False
        self._put(pair)
        return True

    def add(self, taught: Taught) -> None:
        self._put(hash(taught))

    def __len__(self) -> int:
        return len(self._young | self._old)

    def _put(self, pair: int) -> None:
        if len(self._young) >= PAIRS:
            self._old, self._young = self._young, set()
        self._young.add(pair)
