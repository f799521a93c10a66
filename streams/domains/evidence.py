"""Evidence: what is weighed for and against a candidate, as named values. The weights are fitted (`docs/scoring.md`).

`form_evidence` depends on nothing but the kinds of slip and the two suffixes, so that its sum can be kept;
`label_evidence` depends on the labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from math import log2
from typing import NamedTuple

from rapidfuzz.distance import Prefix

from streams import data
from streams.domains.candidates import Candidate
from streams.domains.letters import Letters
from streams.domains.slips import ADDED, CHANGED, LOST
from streams.domains.suffix_slips import SAME
from streams.domains.suffixes import suffix_rules

Evidence = Iterator[tuple[str, float]]

ONE_SLIP = frozenset(slip.__name__.replace("_", "-") for slip in LOST + ADDED + CHANGED)
FAMILIES = {
    **dict.fromkeys(ONE_SLIP, "one"),
    "exact": "exact",
    "two-slips": "two",
    "homoglyph": "look",
    "wildcard": "wild",
    "wildcard-hyphen": "wild",
    "affix": "affix",
    "hyphenated-affix": "hyphen-affix",
}
"""The families of ways; whatever isn't named here moved dots and hyphens only."""

COMPARED = frozenset({"one", "two", "look"})
NAME_KEPT = frozenset({"exact", "affix", "hyphen-affix", "wild"})
LENGTHS = (2, 3, 4, 5, 6, 7, 9, 12)
CLOSED_LENGTHS = (3, 4, 5, 7, 10, 13)
CLOSED = frozenset({"gov", "mil"})
"""Suffixes under which nobody registers a name freely; the same name elsewhere is mostly their owners' or a slip."""


def family(way: str) -> str:
    return FAMILIES.get(way, "dots")


class Crowd(NamedTuple):
    """How many could be meant: labels under the suffix, labels in all, suffixes of the label, other candidates."""

    under_suffix: int
    in_all: int
    suffixes: int
    rivals: int


def form_evidence(way: str, suffix_way: str, typed_suffix: str, suffix: str, has_sub: bool, wild: bool) -> Evidence:
    """What speaks from the kinds of slip and the suffixes alone."""
    kin = family(way)
    yield f"family {kin}", 1
    yield f"way {way}", 1
    yield f"suffix-way {suffix_way}", 1
    yield f"{kin}, {suffix_way}", 1
    typed_class = suffix_class(typed_suffix)
    yield f"typed under {typed_class}{', intended too' if suffix_way == SAME else ''}", 1
    if has_sub:
        yield f"{kin}, sub-domain", 1
    if suffix_way == SAME:
        return
    reality = "real" if suffix_rules().exists(typed_suffix) else "unreal"
    yield f"{kin}, {reality} suffix", 1
    yield f"{suffix_way}, {reality} suffix", 1
    if kin in NAME_KEPT:
        yield f"{suffix_class(suffix)} to {typed_class}", 1
        yield f"{kin} to {typed_class}", 1
    if wild:
        yield f"{kin}, watched suffix", 1
        yield f"{kin}, watched suffix, {suffix_way}", 1
        if has_sub:
            yield "watched suffix, sub-domain", 1


def label_evidence(candidate: Candidate, crowd: Crowd, letters: Letters) -> Evidence:
    """What speaks from the labels and from what else could have been meant."""
    kin, label, typed = family(candidate.way), candidate.label, candidate.typed
    bits = letters.bits(label)
    yield f"{kin}, bits", bits / 20
    yield f"{kin}, crowd under suffix", log2(1 + crowd.under_suffix) / 10
    yield f"{kin}, crowd in all", log2(1 + crowd.in_all) / 10
    yield f"{kin}, rivals", log2(1 + crowd.rivals)
    for name in _length_names(kin, min(len(label), 13), candidate.suffix_way == SAME):
        yield name, 1
    if crowd.suffixes > 1:
        yield f"{kin}, watched under several suffixes", log2(crowd.suffixes)
    if kin in COMPARED:
        yield from _comparison(kin, typed, label, candidate.suffix_way, letters.bits(typed))
    elif kin in ("exact", "affix"):
        if kin == "affix":
            yield _where_affix(typed, label), 1
        if candidate.suffix in CLOSED:
            yield from _closed(kin, label, candidate.typed_suffix, bits)


def _comparison(kin: str, typed: str, label: str, suffix_way: str, typed_bits: float) -> Evidence:
    yield f"{kin}, typed bits", typed_bits / 20
    if suffix_way == SAME and _other_state(typed, label):
        yield "another state", 1
    if not label.isalpha() or not typed.isalpha():
        has_digit = any(char.isdigit() for char in typed)
        if has_digit and not any(char.isdigit() for char in label):
            yield f"{kin}, digit", 1
    if kin == "one":
        at = Prefix.similarity(typed, label)
        yield "at the start" if at == 0 else "at the end" if at >= len(label) - 1 else "in the middle", 1


def _closed(kin: str, label: str, typed_suffix: str, bits: float) -> Evidence:
    typed_class = suffix_class(typed_suffix)
    for length in CLOSED_LENGTHS:
        if len(label) <= length:
            yield f"{kin}, closed, up to {length} letters", 1
    if len(label) > 5 and label[-2:] in states():
        yield f"{kin}, closed, state to {typed_class}", 1
    yield f"{kin}, closed, bits to {typed_class}", bits / 20


def _where_affix(typed: str, label: str) -> str:
    side = "before" if typed.endswith(label) else "after"
    hyphen = "-" in typed.replace(label, "", 1)
    return f"affix {side}{' with hyphen' if hyphen else ''}"


def _other_state(typed: str, label: str) -> bool:
    """`jacksoncountyms` isn't a slip for `jacksoncountymn` as often as it is another county."""
    ends = typed[-2:], label[-2:]
    return min(len(typed), len(label)) > 4 and ends[0] != ends[1] and states().issuperset(ends)


@cache
def states() -> frozenset[str]:
    return frozenset(data.read("us_states.txt").split("\n", 1)[1].split())


@cache
def _length_names(kin: str, length: int, same_suffix: bool) -> tuple[str, ...]:
    bins = [f"up to {limit} letters" for limit in LENGTHS if length <= limit]
    names = [f"{kin}, {name}" for name in bins]
    if kin == "one" and same_suffix:
        names += [f"one, same suffix, {name}" for name in bins]
    return tuple(names)


@lru_cache(50_000)
def suffix_class(suffix: str) -> str:
    """The kind of suffix: the large generic ones by name, then by who may register there, and how freely."""
    rules = suffix_rules()
    if not rules.exists(suffix):
        return "none"
    classes = _classes()
    if known := classes.get(suffix):
        return known
    if suffix in rules.private:
        return "private"
    first, dot, _ = suffix.partition(".")
    if dot:
        return "country's " + classes.get(first + ".", "other")
    return "country" if len(suffix) == 2 or suffix.startswith("xn--") else "new"


@cache
def _classes() -> dict[str, str]:
    table = {}
    for row in data.rows("suffix_classes.txt"):
        name, *suffixes = row.split()
        table.update(dict.fromkeys(suffixes, name))
    return table
