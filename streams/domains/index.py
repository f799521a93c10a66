"""The index: which watched names could be meant, found by look-ups and never by a walk over the watchlist.

A label with one keystroke wrong and the intended label agree when the right letter is left out of each, so each
watched label is kept under every string that it becomes by losing one letter: one look-up a letter finds all. Two
keystrokes wrong leave one of three pieces of the label whole; each longer label is kept under a piece of each third
that few labels share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from streams import data
from streams.domains.lookalikes import skeleton
from streams.domains.suffixes import suffix_rules

Bucket = str | list[str]
"""What is kept under a key: most keys have one value, and a string takes less room than a list of one."""

END = 4
"""A keystroke can't change both the first and the last four letters of a label of nine or more."""
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
    """The watched labels under one public suffix. `wild` where every name under it is watched: then `known` are those
    of its labels that the watchlist doesn't name."""

    __slots__ = ("_deletions", "_heads", "_pieces", "_skeletons", "_tails", "known", "labels", "suffix", "wild")

    def __init__(self, suffix: str, watched: Iterable[str], wild: bool) -> None:
        self.suffix, self.wild = suffix, wild
        watched = frozenset(watched)
        self.known = frozenset(known_names().get(suffix, ())) - watched if wild else frozenset[str]()
        self.labels = watched | self.known
        self._heads = {label[:END] for label in self.labels}
        self._tails = {label[-END:] for label in self.labels}
        self._deletions = _deletions(self.labels)
        self._skeletons: dict[str, Bucket] = {}
        for label in self.labels:
            add(self._skeletons, skeleton(label), label)
        self._pieces = _pieces([label for label in self.labels if len(label) >= SHORTEST_FOR_TWO])

    def one_slip(self, label: str) -> list[str]:
        """The watched labels that one keystroke makes of this one, which isn't watched itself or isn't asked for."""
        length = len(label)
        if length > 2 * END and label[:END] not in self._heads and label[-END:] not in self._tails:
            return []
        get = self._deletions.get
        hits = [hit for i in range(length) if (hit := get(label[:i] + label[i + 1 :])) is not None]
        if (whole := get(label)) is not None:
            hits.append(whole)
        if not hits:
            return []
        near = {other for hit in hits for other in each(hit)}
        return [other for other in near if OSA.distance(label, other, score_cutoff=1) == 1]

    def two_slips(self, label: str, limit: int) -> list[str]:
        """At most so many of the watched labels that two keystrokes make of this one."""
        get, length = self._pieces.get, len(label)
        first = PIECE - 1 if length < PIECES * PIECE + 2 else PIECE
        last = PIECE if length > PIECES * PIECE - 3 else PIECE - 1
        hits = []
        for size in range(first, last + 1):
            hits += [hit for i in range(length - size + 1) if (hit := get(label[i : i + size])) is not None]
        if not hits:
            return []
        found = {near for hit in hits for near in each(hit)}
        return [near for near, _, _ in extract(label, list(found), scorer=OSA.distance, score_cutoff=2, limit=limit)]

    def look_alikes(self, label: str, shape: str) -> list[str]:
        """The watched labels that have this label's skeleton, `shape`."""
        return [near for near in each(self._skeletons.get(shape)) if near != label]


def _deletions(labels: Iterable[str]) -> dict[str, Bucket]:
    table: dict[str, Bucket] = {}
    keep = table.setdefault
    for label in labels:
        if keep(label, label) is not label:
            add(table, label, label)
        for i in range(len(label)):
            key = label[:i] + label[i + 1 :]
            if keep(key, label) is not label:
                add(table, key, label)
    return table


def _pieces(labels: list[str]) -> dict[str, Bucket]:
    sized = [(label, PIECE if len(label) >= PIECES * PIECE else PIECE - 1) for label in labels]
    shared = Counter([label[i : i + size] for label, size in sized for i in range(len(label) - size + 1)])
    rarity = shared.__getitem__
    table: dict[str, Bucket] = {}
    for label, size in sized:
        third = len(label) // PIECES
        for start, end in ((0, third), (third, 2 * third), (2 * third, len(label))):
            add(table, min([label[i : i + size] for i in range(start, end - size + 1)], key=rarity), label)
    return table


class Index:
    """All that is watched, by suffix, by label, and by its letters without dots and hyphens."""

    def __init__(self, watched: Iterable[str]) -> None:
        labels: dict[str, list[str]] = {}
        wild = set()
        split = suffix_rules().split
        for entry in watched:
            if entry.startswith("*."):
                wild.add(entry[2:])
            else:
                _, label, suffix = split(entry)
                labels.setdefault(suffix, []).append(label)
        for suffix in wild:
            labels.setdefault(suffix, [])
        self.groups = {suffix: SuffixGroup(suffix, under, suffix in wild) for suffix, under in labels.items()}
        self.size = sum(len(group.labels) for group in self.groups.values())
        self.suffixes_of: dict[str, Bucket] = {}
        self.squeezed: dict[str, Bucket] = {}
        for suffix, group in self.groups.items():
            for label in group.labels:
                add(self.suffixes_of, label, suffix)
                add(self.squeezed, squeeze(label + suffix), f"{label}.{suffix}")

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
