"""The index: which watched names could be meant, found by look-ups and never by a walk over the watchlist.

A label with one keystroke wrong and the intended label agree when the right letter is left out of each, so each
watched label is kept under every string that it becomes by losing one letter: one look-up a letter finds all. Two
keystrokes wrong leave one of three pieces of the label whole; each longer label is kept under a piece of each third
that few labels share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache

from streams import data
from streams.domains.lookalikes import skeleton
from streams.domains.suffixes import suffix_rules

Bucket = str | list[str]
"""What is kept under a key: most keys have one value, and a string takes less room than a list of one."""

PIECE = 4
PIECES = 3
SHORTEST_FOR_TWO = 9
"""Labels from this length on are searched for two slips: in shorter ones two slips leave too little to be sure."""


def add(table: dict[str, Bucket], key: str, value: str) -> None:
    held = table.setdefault(key, value)
    if held is value:
        return
    if isinstance(held, list):
        held.append(value)
    elif held != value:
        table[key] = [held, value]


def each(bucket: Bucket | None) -> Iterable[str]:
    if bucket is None:
        return ()
    return (bucket,) if isinstance(bucket, str) else bucket


class SuffixGroup:
    """The watched labels under one public suffix. `wild` where every name under it is watched."""

    __slots__ = ("deletions", "labels", "pieces", "skeletons", "suffix", "wild")

    def __init__(self, suffix: str) -> None:
        self.suffix = suffix
        self.wild = False
        self.labels: set[str] = set()
        self.deletions: dict[str, Bucket] = {}
        self.skeletons: dict[str, Bucket] = {}
        self.pieces: dict[str, Bucket] = {}

    def fill(self, labels: Iterable[str]) -> None:
        self.labels.update(labels)
        deletions = self.deletions
        for label in self.labels:
            keys = [label[:i] + label[i + 1 :] for i in range(len(label))]
            keys.append(label)
            for key in keys:
                if key in deletions:
                    add(deletions, key, label)
                else:
                    deletions[key] = label
            add(self.skeletons, skeleton(label), label)
        self._fill_pieces()

    def _fill_pieces(self) -> None:
        long = [(label, _size(label)) for label in self.labels if len(label) >= SHORTEST_FOR_TWO]
        shared = Counter([label[i : i + size] for label, size in long for i in range(len(label) - size + 1)])
        rarity = shared.__getitem__
        for label, size in long:
            third = len(label) // PIECES
            for start, end in ((0, third), (third, 2 * third), (2 * third, len(label))):
                pieces = [label[i : i + size] for i in range(start, end - size + 1)]
                add(self.pieces, min(pieces, key=rarity), label)

    def one_slip(self, label: str) -> Iterator[str]:
        """Watched labels that share a string with this one when each loses at most one letter; `label` itself aside."""
        get = self.deletions.get
        found = {*each(get(label))}
        for i in range(len(label)):
            hit = get(label[:i] + label[i + 1 :])
            if hit is not None:
                found.update(each(hit))
        found.discard(label)
        return iter(found)

    def two_slips(self, label: str) -> list[str]:
        """Watched labels that share a piece with this one, at most two letters longer or shorter."""
        found: set[str] = set()
        get = self.pieces.get
        for size in (3, PIECE):
            for i in range(len(label) - size + 1):
                hit = get(label[i : i + size])
                if hit is not None:
                    found.update(each(hit))
        return [near for near in found if abs(len(near) - len(label)) <= 2]


def _size(label: str) -> int:
    return PIECE if len(label) >= PIECES * PIECE else PIECE - 1


class Index:
    """All that is watched, by suffix, by label, and by its letters without dots and hyphens."""

    def __init__(self, watched: Iterable[str]) -> None:
        labels: dict[str, list[str]] = {}
        wild = []
        self.suffixes_of: dict[str, Bucket] = {}
        self.squeezed: dict[str, Bucket] = {}
        split = suffix_rules().split
        for entry in watched:
            if entry.startswith("*."):
                wild.append(entry[2:])
                continue
            _, label, suffix = split(entry)
            labels.setdefault(suffix, []).append(label)
            add(self.suffixes_of, label, suffix)
            add(self.squeezed, squeeze(label + suffix), f"{label}.{suffix}")
        for suffix in wild:
            for label in known_names().get(suffix, ()):
                labels.setdefault(suffix, []).append(label)
                add(self.suffixes_of, label, suffix)
                add(self.squeezed, squeeze(label + suffix), f"{label}.{suffix}")
        self.groups = {suffix: SuffixGroup(suffix) for suffix in (*labels, *wild)}
        for suffix, group in self.groups.items():
            group.fill(labels.get(suffix, ()))
            group.wild = suffix in wild
        self.size = sum(len(group.labels) for group in self.groups.values())

    def times_watched(self, label: str) -> int:
        """Under how many suffixes a label is watched."""
        held = self.suffixes_of.get(label)
        return len(held) if isinstance(held, list) else held is not None


@cache
def known_names() -> dict[str, list[str]]:
    """Labels known under suffixes that are often watched whole."""
    names: dict[str, list[str]] = {}
    for row in data.rows("known_names.txt"):
        suffix, *labels = row.split()
        names.setdefault(suffix, []).extend(labels)
    return names


def squeeze(name: str) -> str:
    return name.replace(".", "").replace("-", "")
