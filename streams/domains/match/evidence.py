"""Evidence: what is weighed for and against a candidate, as named values. The weights are fitted (`docs/scoring.md`).

`form_evidence` depends on nothing but a form that many candidates share, so that its sum can be kept;
`label_evidence` depends on the labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from math import log2
from typing import NamedTuple

from rapidfuzz.distance import Prefix

from streams import data
from streams.domains.match.candidate import Candidate
from streams.domains.match.letters import Letters
from streams.domains.slips.label import ADDED, CHANGED, LOST, word_of
from streams.domains.slips.suffix import SAME
from streams.domains.suffixes import NO_CLASS, suffix_class

Evidence = Iterator[tuple[str, float]]

ONE_SLIP = frozenset(map(word_of, LOST + ADDED + CHANGED))
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
_HAS_DIGIT = re.compile("[0-9]").search
WITH_STATES = frozenset({"gov", "us"})
"""Suffixes under which towns and counties have their state at the end of their names."""
CLOSED = frozenset({"gov", "mil"})
"""Suffixes under which nobody registers a name freely; the same name elsewhere is mostly their owners' or a slip."""


def family(way: str) -> str:
    return FAMILIES.get(way, "dots")


class Ambiguity(NamedTuple):
    """How many could be meant: labels under the suffix, labels in all, suffixes of the label, other candidates. `wild`
    where every name under the suffix is watched, `only_known` where this one isn't in the watchlist itself."""

    under_suffix: int
    in_all: int
    suffixes: int
    rivals: int
    wild: bool
    only_known: bool


class EvidenceNames(NamedTuple):
    """The names of one family's evidence, so that they aren't put together each time."""

    bits: str
    typed_bits: str
    suffixes: str
    rivals: str
    digit: str
    only_known: str


@cache
def _names(kin: str) -> EvidenceNames:
    said = (
        "bits",
        "typed bits",
        "watched under several suffixes",
        "rivals",
        "digit",
        "only known",
    )
    return EvidenceNames(*(f"{kin}, {name}" for name in said))


class Form(NamedTuple):
    """What many candidates have in common: the kinds of slip, the two suffixes, whether there is a sub-domain, whether
    every name under the intended suffix is watched, the letters of the label (at most 13 are told apart), and how many
    labels are watched under the suffix and in all."""

    way: str
    suffix_way: str
    typed_suffix: str
    suffix: str
    has_sub: bool
    wild: bool
    length: int
    under_suffix: int
    in_all: int


FormKey = tuple[str, str, str, str, bool, bool, int, int, int]


def form_key(candidate: Candidate, crowd: Ambiguity) -> FormKey:
    """The fields of a candidate's form, in order: a plain tuple, since it is made for every candidate."""
    way, suffix_way, _, label, typed_suffix, suffix, sub = candidate
    length = len(label)
    length = length if length <= LENGTHS[-1] else LENGTHS[-1] + 1
    return way, suffix_way, typed_suffix, suffix, sub != "", crowd.wild, length, crowd.under_suffix, crowd.in_all


def form_of(candidate: Candidate, crowd: Ambiguity) -> Form:
    return Form(*form_key(candidate, crowd))


def form_evidence(form: Form) -> Evidence:
    """What speaks from the form alone."""
    way, suffix_way, typed_suffix, suffix, has_sub, wild, length, under_suffix, in_all = form
    kin = family(way)
    yield from crowd_evidence(kin, under_suffix, in_all)
    yield from length_evidence(kin, length, suffix_way == SAME)
    yield from slip_evidence(way, suffix_way, suffix_class(typed_suffix), suffix_class(suffix), has_sub, wild)


def crowd_evidence(kin: str, under_suffix: int, in_all: int) -> Evidence:
    yield f"{kin}, crowd under suffix", log2(1 + under_suffix) / 10
    yield f"{kin}, crowd in all", log2(1 + in_all) / 10


def length_evidence(kin: str, length: int, same_suffix: bool) -> Evidence:
    for limit in LENGTHS:
        if length <= limit:
            yield f"{kin}, up to {limit} letters", 1
            if kin == "one" and same_suffix:
                yield f"one, same suffix, up to {limit} letters", 1


def slip_evidence(
    way: str, suffix_way: str, typed_class: str, intended_class: str, has_sub: bool, wild: bool
) -> Evidence:
    kin = family(way)
    yield f"family {kin}", 1
    yield f"way {way}", 1
    yield f"suffix-way {suffix_way}", 1
    yield f"{kin}, {suffix_way}", 1
    yield f"typed under {typed_class}{', intended too' if suffix_way == SAME else ''}", 1
    if has_sub:
        yield f"{kin}, sub-domain", 1
    if suffix_way == SAME:
        if kin in ("one", "two"):
            yield f"{kin} under {typed_class}", 1
        return
    reality = "real" if typed_class != NO_CLASS else "unreal"
    yield f"{kin}, {reality} suffix", 1
    yield f"{suffix_way}, {reality} suffix", 1
    yield f"{kin} to {typed_class}", 1
    if kin in NAME_KEPT:
        yield f"{intended_class} to {typed_class}", 1
    if wild:
        yield f"{kin}, watched suffix", 1
        yield f"{kin}, watched suffix, {suffix_way}", 1
        if has_sub:
            yield "watched suffix, sub-domain", 1


def label_evidence(candidate: Candidate, crowd: Ambiguity, letters: Letters) -> list[tuple[str, float]]:
    """What speaks from the labels and from what else could have been meant. A list: it is asked for most often."""
    way, suffix_way, typed, label, typed_suffix, suffix, _ = candidate
    kin = FAMILIES.get(way, "dots")
    names = _names(kin)
    bits = letters.bits(label)
    said = [(names.bits, bits / 20)]
    if crowd.only_known:
        said.append((names.only_known, 1))
    if crowd.rivals:
        said.append((names.rivals, log2(1 + crowd.rivals)))
    if crowd.suffixes > 1:
        said.append((names.suffixes, log2(crowd.suffixes)))
    if kin in COMPARED:
        said.append((names.typed_bits, letters.bits(typed) / 20))
        if suffix_way == SAME and suffix in WITH_STATES and _other_state(typed, label):
            said.append(("another state", 1))
        if not typed.isalpha() and _HAS_DIGIT(typed) and not _HAS_DIGIT(label):
            said.append((names.digit, 1))
        if kin == "one":
            at = Prefix.similarity(typed, label)
            said.append(("at the start" if at == 0 else "at the end" if at >= len(label) - 1 else "in the middle", 1))
    elif kin == "affix":
        said.append((_where_affix(typed, label), 1))
    if suffix in CLOSED and kin in ("exact", "affix"):
        said += _closed(kin, label, typed_suffix, bits)
    return said


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
    end, other = typed[-2:], label[-2:]
    return end != other and min(len(typed), len(label)) > 4 and end in states() and other in states()


@cache
def states() -> frozenset[str]:
    return frozenset(data.read("us_states.txt").split("\n", 1)[1].split())
