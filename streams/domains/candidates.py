"""Candidates: every watched name that could have been meant by a domain, with the way in which it was missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from streams.domains.affixes import affix_words, without_affixes
from streams.domains.index import SHORTEST_FOR_TWO, Bucket, Index, SuffixGroup, add, each, squeeze
from streams.domains.lookalikes import as_ascii, skeleton
from streams.domains.slips import name_slip
from streams.domains.suffix_slips import KEYSTROKES, SAME, suffix_slip
from streams.domains.suffixes import suffix_rules

EXACT = "exact"


class Candidate(NamedTuple):
    """One way of reading a domain as a slip.

    `way` is what happened to the name (a slip of one label, `exact`, `two-slips`, `missing-dot`, ...), `suffix_way`
    what happened to the suffix. `typed` and `label` are the two labels compared, `typed_suffix` and `suffix` the two
    suffixes; `sub` is what stood before the label, and is kept.
    """

    way: str
    suffix_way: str
    typed: str
    label: str
    typed_suffix: str
    suffix: str
    sub: str

    @property
    def intended(self) -> str:
        return f"{self.sub}.{self.label}.{self.suffix}" if self.sub else f"{self.label}.{self.suffix}"


class Reading(NamedTuple):
    """A domain cut at a suffix that is a watched one, or a slip for one."""

    sub: str
    label: str
    typed_suffix: str
    suffix_way: str
    group: SuffixGroup


class Finder:
    """Finds the candidates in an index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._rules = suffix_rules()
        self._trade_words = affix_words()
        self._wild = [group for group in index.groups.values() if group.wild]
        self._near_suffixes: dict[str, Bucket] = {}
        for suffix in index.groups:
            for key in _losses(suffix):
                add(self._near_suffixes, key, suffix)
        self._words = {part for suffix in index.groups for part in (suffix, suffix.partition(".")[0])}
        self.slipped_suffixes = lru_cache(50_000)(self._slipped_suffixes)

    def find(self, domain: str) -> list[Candidate]:
        """All candidates for a canonical name that isn't itself watched."""
        if "xn--" in domain:
            return self._find_look_alike(domain)
        sub, label, suffix = self._rules.split(domain)
        found = list(self._by_readings(sub, label, suffix))
        found += self._by_label(sub, label, suffix)
        found += self._by_letters(domain, sub, label, suffix)
        found += self._wild_end(sub, label, suffix)
        found += self._around(sub, label, suffix)
        found += self._appended(domain, suffix)
        return found or list(self._two_slips(sub, label, suffix))

    def _find_look_alike(self, domain: str) -> list[Candidate]:
        read = as_ascii(domain)
        sub, label, suffix = self._rules.split(read)
        if group := self.index.groups.get(suffix):
            if label in group.labels:
                return [Candidate("homoglyph", SAME, label, label, suffix, suffix, sub)]
            near = [*_same_skeleton(group, label), *_one_slip(group, label)]
            return [Candidate("homoglyph", SAME, label, other, suffix, suffix, sub) for other in dict.fromkeys(near)]
        return self.find(read) if read and "xn--" not in read else []

    def _by_readings(self, sub: str, label: str, suffix: str) -> Iterator[Candidate]:
        for reading in self._readings(sub, label, suffix):
            yield from self._in_group(reading)

    def _readings(self, sub: str, label: str, suffix: str) -> Iterator[Reading]:
        if group := self.index.groups.get(suffix):
            yield Reading(sub, label, suffix, SAME, group)
        for group, way in self.slipped_suffixes(suffix):
            yield Reading(sub, label, suffix, way, group)
        if sub and len(label) <= 6:
            longer = f"{label}.{suffix}"
            rest, _, last = sub.rpartition(".")
            for group, way in self.slipped_suffixes(longer):
                yield Reading(rest, last, longer, way, group)

    def _slipped_suffixes(self, typed: str) -> list[tuple[SuffixGroup, str]]:
        """The watched suffixes that the typed one is a slip for, by one keystroke or by a suffix appended."""
        near = {suffix for key in _losses(typed) for suffix in each(self._near_suffixes.get(key))}
        near = {suffix for suffix in near if OSA.distance(typed, suffix, score_cutoff=1) == 1}
        before = typed.rpartition(".")[0]
        while before:
            near.add(before)
            before = before.rpartition(".")[0]
        return [(self.index.groups[s], suffix_slip(typed, s)) for s in sorted(near) if s in self.index.groups]

    def _in_group(self, reading: Reading) -> Iterator[Candidate]:
        sub, label, typed_suffix, suffix_way, group = reading
        suffix = group.suffix
        if suffix_way != SAME:
            if label in group.labels:
                yield Candidate(EXACT, suffix_way, label, label, typed_suffix, suffix, sub)
            elif group.wild:
                yield Candidate("wildcard", suffix_way, label, label, typed_suffix, suffix, sub)
            if suffix_way not in KEYSTROKES and self._rules.exists(typed_suffix):
                return
        elif sub and (joined := sub.rpartition(".")[2] + label) in group.labels:
            rest = sub.rpartition(".")[0]
            yield Candidate("extra-dot", SAME, f"{sub.rpartition('.')[2]}.{label}", joined, suffix, suffix, rest)
        one = list(_one_slip(group, label))
        for near in one:
            yield Candidate(name_slip(label, near), suffix_way, label, near, typed_suffix, suffix, sub)
        alike = [near for near in _same_skeleton(group, label) if near not in one]
        for near in alike:
            yield Candidate("homoglyph", suffix_way, label, near, typed_suffix, suffix, sub)

    def _by_label(self, sub: str, label: str, suffix: str) -> Iterator[Candidate]:
        """The same label under another suffix."""
        suffixes_of = self.index.suffixes_of
        if label in self._trade_words:
            return
        for intended in each(suffixes_of.get(label)):
            if intended != suffix and (way := suffix_slip(suffix, intended)) not in KEYSTROKES:
                yield Candidate(EXACT, way, label, label, suffix, intended, sub)
        if sub and label in self._words:
            rest, _, last = sub.rpartition(".")
            longer = f"{label}.{suffix}"
            for intended in each(suffixes_of.get(last)):
                if (way := suffix_slip(longer, intended)) in ("suffix-inserted", "suffix-family"):
                    yield Candidate(EXACT, way, last, last, longer, intended, rest)

    def _by_letters(self, domain: str, sub: str, label: str, suffix: str) -> Iterator[Candidate]:
        """The same letters, with dots and hyphens lost, added or in other places."""
        squeezed = self.index.squeezed
        for name in each(squeezed.get(squeeze(domain))):
            yield self._dotted(domain, name, suffix, "")
        for name in each(squeezed.get(squeeze(label))):
            yield self._dotted(label, name, suffix, sub, f".{suffix}")
        if not self._rules.exists(suffix):
            rest = f"{sub}.{label}" if sub else label
            for name in each(squeezed.get(squeeze(suffix))):
                yield self._dotted(suffix, name, suffix, rest)
        if "-" in label:
            head, _, tail = label.replace("-", ".").rpartition(".")
            split = self._rules.split(f"{head}.{tail}")
            group = self.index.groups.get(split.suffix)
            if split.sub and group and split.label in group.labels:
                rest = f"{sub}.{split.sub}" if sub else split.sub
                yield Candidate("dot-to-hyphen", "suffix-appended", label, split.label, suffix, split.suffix, rest)

    def _dotted(self, typed: str, name: str, suffix: str, sub: str, appended: str = "") -> Candidate:
        _, label, intended = self._rules.split(name)
        dots, hyphens = typed.count(".") - name.count("."), typed.count("-") - name.count("-")
        way = _punctuation(dots, hyphens)
        return Candidate(way, "suffix-appended" if appended else SAME, typed, label, suffix, intended, sub)

    def _wild_end(self, sub: str, label: str, suffix: str) -> Iterator[Candidate]:
        """A name under a wildcard with its dots lost: `122fwangafmil.com`, `122fw-ang-af-mil.com`, `122fw.af-mil`."""
        typed, appended = (label, "suffix-appended") if self._rules.exists(suffix) else (suffix, SAME)
        group = next((group for group in self._wild if typed.endswith(group.suffix)), None)
        if group is None:
            return
        rest = sub if appended == "suffix-appended" else f"{sub}.{label}" if sub else label
        core = typed[: -len(group.suffix)].rstrip("-")
        if core != typed[: -len(group.suffix)]:
            before, _, core = core.rpartition("-")
            rest = ".".join(part for part in (rest, before.replace("-", ".")) if part)
            way = "dot-to-hyphen" if core in group.labels else "wildcard-hyphen"
            yield Candidate(way, appended, typed, core, suffix, group.suffix, rest)
        elif known := next((core[i:] for i in range(len(core) - 1) if core[i:] in group.labels), None):
            rest = ".".join(part for part in (rest, core[: -len(known)]) if part)
            yield Candidate("missing-dot", appended, typed, known, suffix, group.suffix, rest)

    def _appended(self, domain: str, suffix: str) -> Iterator[Candidate]:
        """A watched name, whole, with one or two labels after it."""
        head = domain
        for _ in range(2):
            head = head.rpartition(".")[0]
            sub, label, intended = self._rules.split(head)
            group = self.index.groups.get(intended)
            if group and label in group.labels:
                typed = domain[len(head) - len(intended) :]
                yield Candidate(EXACT, "suffix-appended", label, label, typed, intended, sub)

    def _around(self, sub: str, label: str, suffix: str) -> Iterator[Candidate]:
        """A watched label with a word before or after it, under its own suffix or a generic one."""
        for core, known in without_affixes(label):
            if core in self._trade_words:
                continue
            for intended in each(self.index.suffixes_of.get(core)):
                way = "affix" if known else "hyphenated-affix"
                yield Candidate(way, suffix_slip(suffix, intended), label, core, suffix, intended, sub)

    def _two_slips(self, sub: str, label: str, suffix: str) -> Iterator[Candidate]:
        group = self.index.groups.get(suffix)
        if group is None or len(label) < SHORTEST_FOR_TWO - 1:
            return
        near = group.two_slips(label)
        for other, _, _ in extract(label, near, scorer=OSA.distance, score_cutoff=2, limit=5):
            yield Candidate("two-slips", SAME, label, other, suffix, suffix, sub)


def _losses(text: str) -> Iterable[str]:
    return {text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}


def _one_slip(group: SuffixGroup, label: str) -> Iterator[str]:
    for near in group.one_slip(label):
        if OSA.distance(label, near, score_cutoff=1) == 1:
            yield near


def _same_skeleton(group: SuffixGroup, label: str) -> Iterator[str]:
    for near in each(group.skeletons.get(skeleton(label))):
        if near != label:
            yield near


def _punctuation(dots: int, hyphens: int) -> str:
    if dots < 0:
        return "dot-to-hyphen" if hyphens > 0 else "missing-dot"
    if dots > 0:
        return "hyphen-to-dot" if hyphens < 0 else "extra-dot"
    return "hyphen-added" if hyphens > 0 else "hyphen-lost" if hyphens < 0 else "moved-dot"
