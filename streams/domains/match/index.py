"""The index: which watched names could be meant, found by look-ups and never by a walk over the watchlist.

One keystroke leaves the first or the second half of the intended label whole, unless it swapped the two letters in the
middle: so each watched label is kept under each of its halves. Two keystrokes leave one of three pieces
of the label whole: each longer label is kept under a piece of each third that few labels share. Shorter ones are
compared one by one where they are few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from streams import data
from streams.domains.slips.lookalikes import as_ascii, skeleton
from streams.domains.suffixes import suffix_class, suffix_rules

Bucket = str | list[str]
"""What is kept under a key: most keys have one value, and a string takes less room than a list of one."""

PIECE = 4
PIECES = 3
SHORTEST_FOR_TWO = 9
"""Labels from this length on are searched for two slips: in shorter ones two slips leave too little to be sure."""
SHORTEST_AMONG_FEW = {"gov": 5, "mil": 5, "int": 4, "country's government": 5}
"""But from this one on by the class of the suffix, where names aren't registered freely and few lie around a watched
one, if not too many are watched."""
FEW_WATCHED = 500
"""So many under one suffix aren't too many yet: the short ones among them are compared one by one."""
SAMPLE = 4_000
"""So many labels tell well enough which pieces are rare."""
FEW = 4
"""So many labels are compared faster one by one than in one call."""


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

    __slots__ = (
        "_heads",
        "_least_typed",
        "_pieces",
        "_short",
        "_skeletons",
        "_tails",
        "known",
        "labels",
        "suffix",
        "wild",
    )

    def __init__(self, suffix: str, watched: Iterable[str], wild: bool) -> None:
        self.suffix, self.wild = suffix, wild
        watched = frozenset(watched)
        self.known = frozenset(known_names().get(suffix, ())) - watched if wild else frozenset[str]()
        self.labels = watched | self.known
        self._heads, self._tails = _halves(self.labels)
        self._skeletons: dict[str, Bucket] = {}
        for label in self.labels:
            add(self._skeletons, skeleton(label), label)
        self._pieces = _pieces([label for label in self.labels if len(label) >= SHORTEST_FOR_TWO])
        few = not wild and len(self.labels) <= FEW_WATCHED
        shortest = SHORTEST_AMONG_FEW.get(suffix_class(suffix), SHORTEST_FOR_TWO) if few else SHORTEST_FOR_TWO
        self._short = [label for label in self.labels if shortest <= len(label) < SHORTEST_FOR_TWO]
        self._least_typed = min(shortest, SHORTEST_FOR_TWO - 1)

    def one_slip(self, label: str) -> list[str]:
        """The watched labels that one keystroke makes of this one, which isn't watched itself or isn't asked for."""
        typed = len(label)
        half = typed >> 1
        heads, tails = self._heads.get, self._tails.get
        hits: list[str] = []
        for hit in (
            heads(label[: (typed - 1) >> 1]),
            heads(label[: (typed + 1) >> 1]),
            tails(label[typed - half :]),
            tails(label[typed - half - 1 :]),
        ):
            if hit is not None:
                hits += (hit,) if isinstance(hit, str) else hit
        if half and (swapped := _swapped(label, half)) in self.labels:
            hits.append(swapped)
        if not hits:
            return []
        if len(hits) > FEW:
            near = extract(label, set(hits), scorer=OSA.distance, score_cutoff=1, limit=None)
            return [other for other, slips, _ in near if slips == 1]
        return [other for other in set(hits) if OSA.distance(label, other, score_cutoff=1) == 1]

    def two_slips(self, label: str, limit: int) -> list[str]:
        """At most so many of the watched labels that two keystrokes make of this one, the nearest first."""
        length = len(label)
        if length < self._least_typed:
            return []
        hits = self._short.copy()
        get = self._pieces.get
        for cut in _cuts(length):
            if (held := get(label[cut])) is not None:
                hits += (held,) if isinstance(held, str) else held
        if not hits:
            return []
        near = extract(label, hits, scorer=OSA.distance, score_cutoff=2, limit=None)
        return [other for _, other in sorted({(slips, other) for other, slips, _ in near})[:limit]] if near else []

    def look_alikes(self, label: str, shape: str) -> list[str]:
        """The watched labels that have this label's skeleton, `shape`."""
        held = self._skeletons.get(shape)
        return [] if held is None or held == label else [near for near in each(held) if near != label]


def _swapped(label: str, middle: int) -> str:
    """A label with the two letters around its middle exchanged."""
    return label[: middle - 1] + label[middle] + label[middle - 1] + label[middle + 1 :]


def _halves(labels: Iterable[str]) -> tuple[dict[str, Bucket], dict[str, Bucket]]:
    heads: dict[str, Bucket] = {}
    tails: dict[str, Bucket] = {}
    for label in labels:
        half = len(label) >> 1
        add(heads, label[:half], label)
        add(tails, label[half:], label)
    return heads, tails


def _pieces(labels: list[str]) -> dict[str, Bucket]:
    rarity = _shared_pieces(labels)
    table: dict[str, Bucket] = {}
    for label in labels:
        length = len(label)
        size, third = _piece_size(length), length // PIECES
        for start, end in ((0, third), (third, 2 * third), (2 * third, length)):
            piece = label[start : start + size]
            for i in range(start + 1, end - size + 1):
                other = label[i : i + size]
                if rarity[other] < rarity[piece]:
                    piece = other
            add(table, piece, label)
    return table


def _piece_size(length: int) -> int:
    return PIECE if length >= PIECES * PIECE else PIECE - 1


@cache
def _cuts(length: int) -> tuple[slice, ...]:
    """Where the pieces of labels may lie in one of this length that two keystrokes made of them."""
    if length < SHORTEST_FOR_TWO - 1:
        return ()
    sizes = {_piece_size(length + grown) for grown in range(-2, 3)}
    return tuple(slice(at, at + size) for size in sorted(sizes) for at in range(length - size + 1))


def _shared_pieces(labels: list[str]) -> defaultdict[str, int]:
    """How often each piece is found in the labels, or in the same sample of them each time."""
    shared: defaultdict[str, int] = defaultdict(int)
    for label in labels if len(labels) <= SAMPLE else sorted(labels)[:: 1 + len(labels) // SAMPLE]:
        size = _piece_size(len(label))
        for i in range(len(label) - size + 1):
            shared[label[i : i + size]] += 1
    return shared


class Index:
    """All that is watched, by suffix, by label, and by its letters without dots and hyphens."""

    def __init__(self, watched: Iterable[str]) -> None:
        labels: dict[str, list[str]] = {}
        wild = set()
        marked: list[tuple[str, str]] = []
        split = suffix_rules().parts
        for entry in watched:
            if entry.startswith("*."):
                wild.add(entry[2:])
            else:
                _, label, suffix = split(entry)
                if label:
                    labels.setdefault(suffix, []).append(label)
                    if label.startswith("xn--"):
                        marked.append((label, suffix))
                else:
                    wild.add(suffix)
        self.written: dict[str, str] = {}
        """A watched name with marks, by how it reads in ASCII: it is looked for as that too, unless that is watched."""
        named = {suffix: frozenset(labels[suffix]) for _, suffix in marked}
        for label, suffix in marked:
            if (read := as_ascii(label)) not in named[suffix]:
                self.written[f"{read}.{suffix}"] = f"{label}.{suffix}"
                labels[suffix].append(read)
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
