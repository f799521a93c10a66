"""The index: finds the watched names that may have been meant by look-ups, never by a scan of the watchlist.

One wrong keystroke leaves the first or the second half of the intended label intact, unless it swapped the two letters
in the middle: so each watched label is indexed by both of its halves. Two wrong keystrokes leave one of three pieces
intact: so each longer label is also indexed by one piece of each third, a rare one. Shorter labels are compared one by
one where they are few.
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
"""The values of a key: most keys have one, and a string takes less memory than a list of one."""

PIECE = 4
PIECES = 3
SHORTEST_FOR_TWO = 9
"""The length from which labels are searched for two slips: in shorter ones two slips leave too little to be sure."""
SHORTEST_AMONG_FEW = {"gov": 5, "mil": 5, "int": 4, "country's government": 5}
"""A smaller such length by the class of the suffix, where names aren't registered freely and so few lie near a watched
one; it holds while no more than `FEW_WATCHED` labels are watched."""
SHORTEST_WITH_START = 5
"""The length from which shorter labels are compared one by one where their first letter is intact: people hardly ever
miss the first one, and so few labels are left that they can be compared."""
FEW_WATCHED = 500
"""Up to this number of labels under one suffix, the short ones among them are compared one by one."""
SAMPLE = 4_000
"""This number of labels is enough to learn which pieces are rare."""
FEW = 4
"""Up to this number of labels, comparing one by one is faster than in one call."""


def add(table: dict[str, Bucket], key: str, value: str) -> None:
    """Add a value to those of a key."""
    bucket = table.setdefault(key, value)
    if bucket is value:
        return
    if isinstance(bucket, list):
        bucket.append(value)
    elif bucket != value:
        table[key] = [bucket, value]


def each(bucket: Bucket | None) -> Iterable[str]:
    """The values in a bucket."""
    if bucket is None:
        return ()
    return (bucket,) if isinstance(bucket, str) else bucket


class SuffixGroup:
    """The watched labels under one public suffix. `wild` where every name under it is watched: then `known` has the
    known labels that the watchlist doesn't list, and `labels` has them too."""

    __slots__ = (
        "_heads",
        "_least_typed",
        "_pieces",
        "_short",
        "_short_by_start",
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
        self._short_by_start: dict[str, list[str]] = {}
        for label in self.labels:
            if SHORTEST_WITH_START <= len(label) < SHORTEST_FOR_TWO:
                self._short_by_start.setdefault(label[0], []).append(label)
        few = not wild and len(self.labels) <= FEW_WATCHED
        shortest = SHORTEST_AMONG_FEW.get(suffix_class(suffix), SHORTEST_FOR_TWO) if few else SHORTEST_FOR_TWO
        self._short = [label for label in self.labels if shortest <= len(label) < SHORTEST_FOR_TWO]
        self._least_typed = min(shortest, SHORTEST_WITH_START)

    def one_slip(self, label: str) -> list[str]:
        """The watched labels that differ from this one by one keystroke; the label itself is not among them."""
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
        """At most `limit` watched labels that differ from this one by up to two keystrokes, the nearest first."""
        length = len(label)
        if length < self._least_typed:
            return []
        hits = self._short.copy()
        if length < SHORTEST_FOR_TWO + 2 and (short := self._short_by_start.get(label[0])):
            hits += short
        get = self._pieces.get
        for cut in _cuts(length):
            if (bucket := get(label[cut])) is not None:
                hits += (bucket,) if isinstance(bucket, str) else bucket
        if not hits:
            return []
        near = extract(label, hits, scorer=OSA.distance, score_cutoff=2, limit=None)
        return [other for slips, other in sorted({(slips, other) for other, slips, _ in near})[:limit] if slips]

    def look_alikes(self, label: str, label_skeleton: str) -> list[str]:
        """The other watched labels that have this label's skeleton."""
        bucket = self._skeletons.get(label_skeleton)
        return [] if bucket is None or bucket == label else [near for near in each(bucket) if near != label]


def _swapped(label: str, middle: int) -> str:
    """A label with the two letters around its middle swapped."""
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
    """Where a typed label of this length can have an intact piece of the intended one, after two wrong keystrokes."""
    if length < SHORTEST_FOR_TWO - 1:
        return ()
    sizes = {_piece_size(length + grown) for grown in range(-2, 3)}
    return tuple(slice(at, at + size) for size in sorted(sizes) for at in range(length - size + 1))


def _shared_pieces(labels: list[str]) -> defaultdict[str, int]:
    """How often each piece occurs in the labels, or in a sample of them that is always the same."""
    shared: defaultdict[str, int] = defaultdict(int)
    for label in labels if len(labels) <= SAMPLE else sorted(labels)[:: 1 + len(labels) // SAMPLE]:
        size = _piece_size(len(label))
        for i in range(len(label) - size + 1):
            shared[label[i : i + size]] += 1
    return shared


class _Entries:
    """The watched entries by kind: labels by suffix, suffixes of which every name is watched, registered names that are
    watched as a whole, and subdomains by registered name."""

    def __init__(self, watched: Iterable[str]) -> None:
        self.labels: dict[str, list[str]] = {}
        self.wild: set[str] = set()
        self.roots: set[str] = set()
        self.hosts: dict[str, list[str]] = {}
        split = suffix_rules().parts
        for entry in watched:
            sub, label, suffix = ("", "", entry[2:]) if entry.startswith("*.") else split(entry)
            if not label:
                self.wild.add(suffix)
                continue
            self.labels.setdefault(suffix, []).append(label)
            if sub:
                self.hosts.setdefault(f"{label}.{suffix}", []).append(sub)
            else:
                self.roots.add(entry)


class Index:
    """All watched names, by suffix, by label, by registered name, and by their letters without dots and hyphens."""

    def __init__(self, watched: Iterable[str]) -> None:
        entries = _Entries(watched)
        labels, wild = entries.labels, entries.wild
        non_ascii = [(label, suffix) for suffix, under in labels.items() for label in under if label.startswith("xn--")]
        self.watched_by_reading: dict[str, str] = {}
        """The watched names that aren't ASCII, by their ASCII reading: each is found by that too, unless the reading is
        itself watched."""
        named = {suffix: frozenset(labels[suffix]) for _, suffix in non_ascii}
        for label, suffix in non_ascii:
            if (read := as_ascii(label)) not in named[suffix]:
                self.watched_by_reading[f"{read}.{suffix}"] = f"{label}.{suffix}"
                labels[suffix].append(read)
        for suffix in wild:
            labels.setdefault(suffix, [])
        self.groups = {suffix: SuffixGroup(suffix, under, suffix in wild) for suffix, under in labels.items()}
        self.roots = frozenset(entries.roots)
        """The registered names that are watched, each with every name under it."""
        self.hosts = {name: SuffixGroup(name, subs, wild=False) for name, subs in entries.hosts.items()}
        """The subdomains that are watched, by their registered name, whether that is watched itself or not."""
        self.size = sum(len(group.labels) for group in self.groups.values())
        self.suffixes_of: dict[str, Bucket] = {}
        self.squeezed: dict[str, Bucket] = {}
        for suffix, group in self.groups.items():
            for label in group.labels:
                add(self.suffixes_of, label, suffix)
                add(self.squeezed, squeeze(label + suffix), f"{label}.{suffix}")
        for name, group in self.hosts.items():
            for sub in group.labels:
                add(self.squeezed, squeeze(sub + name), f"{sub}.{name}")

    def group(self, suffix: str) -> SuffixGroup:
        """The watched labels under a suffix, or the watched subdomains of a registered name."""
        return self.groups.get(suffix) or self.hosts[suffix]

    def times_watched(self, label: str) -> int:
        """The number of suffixes under which a label is watched."""
        bucket = self.suffixes_of.get(label)
        return len(bucket) if isinstance(bucket, list) else bucket is not None


@cache
def known_names() -> dict[str, list[str]]:
    """The labels known to exist under suffixes that are often watched as a whole, by suffix."""
    names: dict[str, list[str]] = {}
    for row in data.rows("known_names.txt"):
        suffix, *labels = row.split()
        names.setdefault(suffix, []).extend(labels)
    return names


def squeeze(name: str) -> str:
    """A name without its dots and hyphens."""
    return name.replace(".", "").replace("-", "")
