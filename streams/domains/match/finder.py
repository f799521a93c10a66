"""Candidates: every watched name that could have been meant by a domain, with the way in which it was missed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from streams.domains.match.candidate import EXACT, WILDCARD, Candidate
from streams.domains.match.dots import APPENDED, Dots
from streams.domains.match.index import Bucket, Index, SuffixGroup, add, each
from streams.domains.slips.affixes import EDGE, affix_edges, affix_words, without_affixes
from streams.domains.slips.label import name_slip
from streams.domains.slips.lookalikes import as_ascii, skeleton
from streams.domains.slips.suffix import KEYSTROKES, SAME, suffix_slip
from streams.domains.suffixes import suffix_rules

LONGEST_SUFFIX_PART = 4
MOST_TWO_SLIPS = 5
Parts = tuple[str, str, str]
"""Sub-domain, label and suffix."""


class SuffixFacts(NamedTuple):
    """What is known of a typed suffix: whether names are registered under it, the watched labels under it, and the
    watched suffixes for which it is a slip, with the way and whether a keystroke in the label may have come with it."""

    real: bool
    group: SuffixGroup | None
    slipped: list[tuple[SuffixGroup, str, bool]]


class Finder:
    """Finds the candidates in an index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._suffixes_of, self._written = index.suffixes_of, index.written
        self._rules = suffix_rules()
        self._split = self._rules.parts
        self._dots = Dots(index)
        self._trade_words = affix_words()
        self._before, self._after = affix_edges()
        self._near_suffixes: dict[str, Bucket] = {}
        for suffix in index.groups:
            for key in _losses(suffix):
                add(self._near_suffixes, key, suffix)
        self._words = {part for suffix in index.groups for part in (suffix, suffix.partition(".")[0])}
        self._facts: Callable[[str], SuffixFacts] = lru_cache(50_000)(self._suffix_facts)

    def find(self, domain: str) -> list[Candidate]:
        """All candidates for a canonical name that isn't itself watched. A watched name that isn't ASCII stands in them
        as it reads, and `Index.written` has it as it is."""
        return self._find_look_alike(domain) if "xn--" in domain else self._find(domain)

    def _find(self, domain: str) -> list[Candidate]:
        sub, label, suffix = self._split(domain)
        if not label:
            return []
        real, group, slipped = self._facts(suffix)
        found: list[Candidate] = []
        shape = skeleton(label) if group is not None or slipped else ""
        if group is not None:
            _add_near(found, group, SAME, sub, label, suffix, shape)
        for other, way, name_too in slipped:
            _add_slipped(found, other, way, name_too, (sub, label, suffix), shape)
        if self._written and f"{label}.{suffix}" in self._written:
            found.append(Candidate("homoglyph", SAME, label, label, suffix, suffix, sub))
        if label in self._suffixes_of:
            self._add_swapped(found, sub, label, suffix)
        if sub:
            self._add_longer_suffix(found, sub, label, suffix)
            if group is not None:
                _add_split(found, group, sub, label)
        self._dots.add(found, domain, sub, label, suffix, real)
        if label[:EDGE] in self._before or label[-EDGE:] in self._after or "-" in label:
            self._add_around(found, sub, label, suffix)
        if not found and group is not None:
            near = group.two_slips(label, MOST_TWO_SLIPS)
            found = [Candidate("two-slips", SAME, label, meant, suffix, suffix, sub) for meant in near]
        return found

    def _find_look_alike(self, domain: str) -> list[Candidate]:
        read = as_ascii(domain)
        sub, label, suffix = self._split(read)
        if not label or label.startswith("xn--") or "xn--" in suffix:
            return self._find(read) if label in self._suffixes_of else []
        if (group := self.index.groups.get(suffix)) is not None:
            if label in group.labels:
                return [Candidate("homoglyph", SAME, label, label, suffix, suffix, sub)]
            if near := dict.fromkeys([*group.look_alikes(label, skeleton(label)), *group.one_slip(label)]):
                return [Candidate("homoglyph", SAME, label, other, suffix, suffix, sub) for other in near]
        return self._find(read)

    def _suffix_facts(self, typed: str) -> SuffixFacts:
        """A keystroke in the label and another in the suffix are looked for where the typed suffix is nobody's, or is
        the intended one short of a letter: `armyy.ml`."""
        real = self._rules.exists(typed)
        near = {suffix for key in _losses(typed) for suffix in each(self._near_suffixes.get(key))}
        near = {suffix for suffix in near if OSA.distance(typed, suffix, score_cutoff=1) == 1}
        before = typed.rpartition(".")[0]
        while before:
            near.add(before)
            before = before.rpartition(".")[0]
        slipped = []
        for suffix in sorted(near):
            if group := self.index.groups.get(suffix):
                way = suffix_slip(typed, suffix)
                name_too = not real or way == "suffix-omission"
                if name_too or group.wild:
                    slipped.append((group, way, name_too))
        return SuffixFacts(real, self.index.groups.get(typed), slipped)

    def _add_longer_suffix(self, found: list[Candidate], sub: str, label: str, suffix: str) -> None:
        """What was taken for the label may be part of a mistyped suffix: `example.com.b`, `army.mil.co`."""
        rest, _, last = sub.rpartition(".")
        longer = f"{label}.{suffix}"
        if len(label) <= LONGEST_SUFFIX_PART:
            shape = skeleton(last)
            for group, way, name_too in self._facts(longer).slipped:
                if last in group.labels and way in KEYSTROKES:
                    found.append(Candidate(EXACT, way, last, last, longer, group.suffix, rest))
                _add_slipped(found, group, way, name_too, (rest, last, longer), shape)
        if label in self._words:
            for intended in each(self._suffixes_of.get(last)):
                if (way := suffix_slip(longer, intended)) in ("suffix-inserted", "suffix-family"):
                    found.append(Candidate(EXACT, way, last, last, longer, intended, rest))

    def _add_swapped(self, found: list[Candidate], sub: str, label: str, suffix: str) -> None:
        """The same label under another suffix."""
        for intended in each(self._suffixes_of[label]):
            if intended != suffix:
                way = suffix_slip(suffix, intended)
                if label not in self._trade_words or way in KEYSTROKES or way == APPENDED:
                    found.append(Candidate(EXACT, way, label, label, suffix, intended, sub))

    def _add_around(self, found: list[Candidate], sub: str, label: str, suffix: str) -> None:
        """A watched label with a word before or after it, under its own suffix or another one."""
        for core, known in without_affixes(label):
            if core not in self._trade_words:
                for intended in each(self._suffixes_of.get(core)):
                    way = "affix" if known else "hyphenated-affix"
                    found.append(Candidate(way, suffix_slip(suffix, intended), label, core, suffix, intended, sub))


def _add_split(found: list[Candidate], group: SuffixGroup, sub: str, label: str) -> None:
    """A watched label with a dot in it: `north.field.example`."""
    rest, _, last = sub.rpartition(".")
    if last + label in group.labels:
        way, suffix = "extra-dot", group.suffix
        found.append(Candidate(way, SAME, f"{last}.{label}", last + label, suffix, suffix, rest))


def _add_slipped(
    found: list[Candidate], group: SuffixGroup, way: str, name_too: bool, typed: Parts, shape: str
) -> None:
    sub, label, typed_suffix = typed
    if group.wild and label not in group.labels:
        found.append(Candidate(WILDCARD, way, label, label, typed_suffix, group.suffix, sub))
    if name_too and (sub or len(label) > 2):  # of two letters alone, one is too little to know the other by
        _add_near(found, group, way, *typed, shape)


def _add_near(
    found: list[Candidate], group: SuffixGroup, suffix_way: str, sub: str, label: str, typed_suffix: str, shape: str
) -> None:
    """Names with the typed label's skeleton, `shape`, or one keystroke from it."""
    one = group.one_slip(label)
    for near in one:
        found.append(Candidate(name_slip(label, near), suffix_way, label, near, typed_suffix, group.suffix, sub))
    for near in group.look_alikes(label, shape):
        if near not in one:
            found.append(Candidate("homoglyph", suffix_way, label, near, typed_suffix, group.suffix, sub))


def _losses(text: str) -> set[str]:
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}
