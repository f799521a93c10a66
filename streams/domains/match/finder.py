"""The finder: every watched name that may have been meant by a domain, with the slips in name and suffix."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from streams.domains.match.candidate import EXACT, WILDCARD, Candidate
from streams.domains.match.dots import APPENDED, Dots
from streams.domains.match.index import Bucket, Index, SuffixGroup, add, each
from streams.domains.match.name_parts import NameParts, add_near
from streams.domains.slips.affixes import EDGE, affix_edges, affix_words, without_affixes
from streams.domains.slips.lookalikes import as_ascii, skeleton
from streams.domains.slips.suffix import KEYSTROKES, SAME, suffix_slip
from streams.domains.suffixes import private_use, suffix_rules

LONGEST_SUFFIX_PART = 4
MOST_TWO_SLIPS = 5
Parts = tuple[str, str, str]
"""Subdomain, label and suffix."""


class SuffixFacts(NamedTuple):
    """Facts about a typed suffix: whether names are registered under it, the watched labels under it, and the watched
    suffixes for which it is a slip, each with the edit kind and whether the label may have a slip as well."""

    real: bool
    group: SuffixGroup | None
    slipped: list[tuple[SuffixGroup, str, bool]]


class Suffixes:
    """The suffixes of watched names by what is left of each without a letter. It refers to no finder, so that one whose
    watchlist was replaced is freed at once."""

    def __init__(self, index: Index) -> None:
        self._index, self._rules = index, suffix_rules()
        self._near: dict[str, Bucket] = {}
        for suffix in index.groups:
            for key in _deletions(suffix):
                add(self._near, key, suffix)

    def facts(self, typed: str) -> SuffixFacts:
        """The facts about a typed suffix. A slip in the label as well is looked for where no names are registered under
        the typed suffix, or where it is the intended one without a letter: `armyy.ml`."""
        real = self._rules.exists(typed)
        near = {suffix for key in _deletions(typed) for suffix in each(self._near.get(key))}
        near = {suffix for suffix in near if OSA.distance(typed, suffix, score_cutoff=1) == 1}
        before = typed.rpartition(".")[0]
        while before:
            near.add(before)
            before = before.rpartition(".")[0]
        slipped = []
        for suffix in sorted(near):
            if group := self._index.groups.get(suffix):
                edit = suffix_slip(typed, suffix)
                name_too = not real or edit == "suffix-omission"
                if name_too or group.wild:
                    slipped.append((group, edit, name_too))
        return SuffixFacts(real, self._index.groups.get(typed), slipped)


class Finder:
    """Finds the candidates for a domain in an index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._suffixes_of, self._watched_by_reading = index.suffixes_of, index.watched_by_reading
        self._rules, self._private_use = suffix_rules(), private_use()
        self._split = self._rules.parts
        self._dots, self._parts = Dots(index), NameParts(index)
        self._generic_words = affix_words()
        self._before, self._after = affix_edges()
        self._suffix_words = {part for suffix in index.groups for part in (suffix, suffix.partition(".")[0])}
        self._facts: Callable[[str], SuffixFacts] = lru_cache(50_000)(Suffixes(index).facts)

    def find(self, domain: str) -> list[Candidate]:
        """All candidates for a canonical name that isn't itself watched. A candidate has the ASCII reading of a watched
        name that isn't ASCII; `Index.watched_by_reading` gives the name itself."""
        return self._find_look_alike(domain) if "xn--" in domain else self._find(domain)

    def _find(self, domain: str) -> list[Candidate]:
        parts = sub, label, suffix = self._split(domain)
        if suffix in self._private_use and suffix not in self.index.groups:
            return []
        if not label:
            return [] if "." in domain else self._parts.without_dot(domain)
        real, group, slipped = self._facts(suffix)
        label_skeleton = skeleton(label) if group is not None or slipped else ""
        found: list[Candidate] = []
        if group is not None:
            add_near(found, group, SAME, sub, label, suffix, label_skeleton)
        for other, edit, name_too in slipped:
            _add_slipped(found, other, edit, name_too, parts, label_skeleton)
        if self._watched_by_reading and f"{label}.{suffix}" in self._watched_by_reading:
            found.append(Candidate("homoglyph", SAME, label, label, suffix, suffix, sub))
        self._add_across(found, domain, parts, real)
        if not found and group is not None:
            near = group.two_slips(label, MOST_TWO_SLIPS)
            found = [Candidate("two-slips", SAME, label, meant, suffix, suffix, sub) for meant in near]
        return list(dict.fromkeys(found)) if len(found) > 1 else found

    def _add_across(self, found: list[Candidate], domain: str, parts: Parts, real: bool) -> None:
        """Add the candidates whose slip isn't within the label, or not under the same suffix."""
        sub, label, suffix = parts
        if label in self._suffixes_of:
            self._add_swapped(found, sub, label, suffix)
        if sub:
            self._add_longer_suffix(found, sub, label, suffix)
            self._parts.add(found, sub, label, suffix)
        if not real:
            self._parts.add_without_suffix(found, suffix, f"{sub}.{label}" if sub else label)
        self._dots.add(found, domain, sub, label, suffix, real)
        if label[:EDGE] in self._before or label[-EDGE:] in self._after or "-" in label:
            self._add_around(found, sub, label, suffix)

    def _find_look_alike(self, domain: str) -> list[Candidate]:
        read = as_ascii(domain)
        sub, label, suffix = self._split(read)
        if not label or label.startswith("xn--"):
            return self._find(read) if label in self._suffixes_of else []
        if self._split(domain)[1:] == (label, suffix):
            return self._find(read)
        if (group := self.index.groups.get(suffix)) is not None:
            if label in group.labels:
                return [Candidate("homoglyph", SAME, label, label, suffix, suffix, sub)]
            if near := dict.fromkeys([*group.look_alikes(label, skeleton(label)), *group.one_slip(label)]):
                return [Candidate("homoglyph", SAME, label, other, suffix, suffix, sub) for other in near]
        return self._find(read)

    def _add_longer_suffix(self, found: list[Candidate], sub: str, label: str, suffix: str) -> None:
        """Add candidates where the supposed label is part of a mistyped suffix: `example.com.b`, `army.mil.co`."""
        rest, _, last = sub.rpartition(".")
        longer = f"{label}.{suffix}"
        if len(label) <= LONGEST_SUFFIX_PART:
            label_skeleton = skeleton(last)
            for group, edit, name_too in self._facts(longer).slipped:
                if last in group.labels and edit in KEYSTROKES:
                    found.append(Candidate(EXACT, edit, last, last, longer, group.suffix, rest))
                _add_slipped(found, group, edit, name_too, (rest, last, longer), label_skeleton)
        if label in self._suffix_words:
            for intended in each(self._suffixes_of.get(last)):
                if (edit := suffix_slip(longer, intended)) in ("suffix-inserted", "suffix-family"):
                    found.append(Candidate(EXACT, edit, last, last, longer, intended, rest))

    def _add_swapped(self, found: list[Candidate], sub: str, label: str, suffix: str) -> None:
        """Add the same label under other suffixes."""
        for intended in each(self._suffixes_of[label]):
            if intended != suffix:
                edit = suffix_slip(suffix, intended)
                if label not in self._generic_words or edit in KEYSTROKES or edit == APPENDED:
                    found.append(Candidate(EXACT, edit, label, label, suffix, intended, sub))

    def _add_around(self, found: list[Candidate], sub: str, label: str, suffix: str) -> None:
        """Add watched labels that the typed label has with a word before or after, under any suffix."""
        for core, known in without_affixes(label):
            if core not in self._generic_words:
                for intended in each(self._suffixes_of.get(core)):
                    edit = "affix" if known else "hyphenated-affix"
                    found.append(Candidate(edit, suffix_slip(suffix, intended), label, core, suffix, intended, sub))


def _add_slipped(
    found: list[Candidate], group: SuffixGroup, edit: str, name_too: bool, typed: Parts, label_skeleton: str
) -> None:
    sub, label, typed_suffix = typed
    if group.wild and label not in group.labels:
        found.append(Candidate(WILDCARD, edit, label, label, typed_suffix, group.suffix, sub))
    if name_too and (sub or len(label) > 2):  # with one of two letters wrong, too little is left
        add_near(found, group, edit, *typed, label_skeleton)


def _deletions(text: str) -> set[str]:
    """The text, and the text without each one of its characters."""
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}
