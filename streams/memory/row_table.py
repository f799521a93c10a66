"""A table of rows of equal length by 64-bit digest, in two blocks of bytes: a dict of as many takes five times as much.

Open addressing with linear probing. The index is as large as the bound needs from the start, since growing it would
block for seconds; pages of it that were never written take no memory.
"""

from __future__ import annotations

import mmap
import sys
from array import array
from collections import Counter
from collections.abc import Iterator

_DIGEST = 8
_SLOT = 4
_PROVEN = 1 << 16
"""More than any day: a row with proof goes after each without."""


class RowTable:
    """At most `bound` rows of `width` bytes each, an even number. Digests are integers of 64 bits, evenly distributed.

    The two bytes of a row at `day_at`, which is even too, are its day, big endian. Those at `proof_at`, even again, are
    0 in rows that go before all others.
    """

    def __init__(self, bound: int, width: int, *, day_at: int, proof_at: int) -> None:
        self.bound = bound
        self._width, self._day_at, self._proof_at = _DIGEST + width, _DIGEST + day_at, _DIGEST + proof_at
        self._mask = (1 << (bound + bound // 2).bit_length()) - 1
        self._slots = memoryview(mmap.mmap(-1, (self._mask + 1) * _SLOT)).cast("I")
        """The number of each row plus one, at its digest or after it; 0 where there is none."""
        self._rows = bytearray()
        self._found = (-1, 0)
        """The digest that was looked for last, and its slot: who gets a row often puts it back next."""

    def __len__(self) -> int:
        return len(self._rows) // self._width

    def get(self, digest: int) -> bytes | None:
        """The row of a digest."""
        number = self._slots[self._find(digest)]
        return bytes(self._rows[(number - 1) * self._width + _DIGEST : number * self._width]) if number else None

    def put(self, digest: int, row: bytes) -> None:
        """Store the row of a digest. IndexError for a new one if the table is full."""
        slot = self._find(digest)
        if number := self._slots[slot]:
            self._rows[(number - 1) * self._width + _DIGEST : number * self._width] = row
            return
        if len(self) >= self.bound:
            raise IndexError("the table is full")
        self._rows += digest.to_bytes(_DIGEST, "big") + row
        self._slots[slot] = len(self)

    def remove(self, digest: int) -> bool:
        """Remove a row; whether there was one."""
        slot = self._find(digest)
        number = self._slots[slot]
        if not number:
            return False
        if (last := len(self)) != number:
            moved = self._rows[(last - 1) * self._width :]
            self._slots[self._find(int.from_bytes(moved[:_DIGEST], "big"))] = number
            self._rows[(number - 1) * self._width : number * self._width] = moved
        self._close(slot)
        del self._rows[(last - 1) * self._width :]
        return True

    def items(self) -> Iterator[tuple[int, bytes]]:
        """Digests and rows, in no order. The table must not change meanwhile."""
        for at in range(0, len(self._rows), self._width):
            yield self._digest_at(at), bytes(self._rows[at + _DIGEST : at + self._width])

    def before(self, day: int) -> list[int]:
        """The digests of the rows whose day is before this one."""
        days = self._shorts(self._day_at)
        return [self._digest_at(at * self._width) for at, each in enumerate(days) if each < day]

    def first_to_go(self, number: int) -> list[int]:
        """The digests of this many rows: those without proof, then the others, each by their days."""
        days, proofs = self._shorts(self._day_at), self._shorts(self._proof_at)
        ranks = [day + _PROVEN if proof else day for day, proof in zip(days, proofs, strict=True)]
        found: list[int] = []
        for rank in sorted(Counter(ranks)):
            if len(found) >= number:
                break
            found += [self._digest_at(at * self._width) for at, each in enumerate(ranks) if each == rank]
        return found[:number]

    def _shorts(self, at: int) -> array[int]:
        """Two bytes of each row, big endian."""
        with memoryview(self._rows).cast("H") as shorts:
            found = array("H", shorts[at // 2 :: self._width // 2].tolist())
        if sys.byteorder == "little":
            found.byteswap()
        return found

    def _digest_at(self, at: int) -> int:
        return int.from_bytes(self._rows[at : at + _DIGEST], "big")

    def _find(self, digest: int) -> int:
        """The slot of a digest, or the free one where it would be."""
        found, slot = self._found
        if found == digest:
            return slot
        slots, rows, width, key = self._slots, self._rows, self._width, digest.to_bytes(_DIGEST, "big")
        slot = digest & self._mask
        while (number := slots[slot]) and not rows.startswith(key, (number - 1) * width):
            slot = slot + 1 & self._mask
        self._found = digest, slot
        return slot

    def _close(self, free: int) -> None:
        """Free a slot, and move those after it that would not be found past the gap (Knuth, 6.4, algorithm R)."""
        self._found = (-1, 0)
        slot = free
        while True:
            self._slots[free] = 0
            while True:
                slot = slot + 1 & self._mask
                number = self._slots[slot]
                if not number:
                    return
                home = self._digest_at((number - 1) * self._width) & self._mask
                if slot - home & self._mask >= slot - free & self._mask:
                    break
            self._slots[free], free = number, slot
