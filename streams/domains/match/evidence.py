"""Evidence for and against a candidate, as named values. The weights are fitted (`docs/scoring.md`); their names are
keys of `data/model.json`, so a name can't change without a new fit: `way` and `family` there are edit kind and group.

`form_evidence` depends only on the form, which many candidates share, so its sum can be cached; `label_evidence`
depends on the labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from math import log2
from typing import Literal, NamedTuple

from rapidfuzz.distance import Prefix

from streams import data
from streams.domains.match.candidate import Candidate
from streams.domains.match.trigrams import TrigramModel
from streams.domains.slips.affixes import affix_words
from streams.domains.slips.label import ADDED, CHANGED, LOST, letter_moved, name_of, other_doubled
from streams.domains.slips.suffix import KEYSTROKES, SAME
from streams.domains.suffixes import NO_CLASS, suffix_class
from streams.domains.well_known import is_well_known

Evidence = Iterator[tuple[str, float]]

ONE_SLIP = frozenset(map(name_of, LOST + ADDED + CHANGED))
EDIT_GROUPS = {
    **dict.fromkeys(ONE_SLIP, "one"),
    "exact": "exact",
    "two-slips": "two",
    "homoglyph": "look",
    "wildcard": "wild",
    "wildcard-hyphen": "wild",
    "affix": "affix",
    "hyphenated-affix": "hyphen-affix",
}
"""The edit group of each edit kind; any kind not listed here only moved dots and hyphens."""

HYPHENS = frozenset({"hyphen-added", "hyphen-lost"})
COMPARED = frozenset({"one", "two", "look"})
NAME_KEPT = frozenset({"exact", "affix", "hyphen-affix", "wild"})
LENGTHS = (2, 3, 4, 5, 6, 7, 9, 12)
CLOSED_LENGTHS = (3, 4, 5, 7, 10, 13)
_HAS_DIGIT = re.compile("[0-9]").search
WITH_STATES = frozenset({"gov", "us"})
"""Suffixes under which the names of towns and counties end with their state."""
CLOSED = frozenset({"gov", "mil"})
"""Suffixes without free registration: the same name under another suffix is mostly a slip or of the same owner."""


def edit_group_of(edit: str) -> str:
    """The edit group of an edit kind."""
    return EDIT_GROUPS.get(edit, "dots")


Host = Literal["watched host", "unwatched host"] | None
"""Whether the intended subdomain is watched by its own name, or only others of its registered name are. None where the
registered name is watched and that is all."""


class Ambiguity(NamedTuple):
    """How many names could have been meant, and whether this one is watched.

    Counts of the labels watched under the suffix and in all, of the suffixes under which this label is watched, and of
    rival candidates. `wild` where every name under the suffix is watched, `only_known` where this one is a known name
    that the watchlist doesn't list. `well_known` where the typed name is a well-known one.
    """

    under_suffix: int
    in_all: int
    suffixes: int
    rivals: int
    wild: bool
    only_known: bool
    well_known: bool = False
    host: Host = None


class EvidenceNames(NamedTuple):
    """The evidence names of one edit group, built once."""

    bits: str
    typed_bits: str
    suffixes: str
    rivals: str
    digit: str
    only_known: str
    well_known: str
    generic_word: str


@cache
def _names(group: str) -> EvidenceNames:
    parts = (
        "bits",
        "typed bits",
        "watched under several suffixes",
        "rivals",
        "digit",
        "only known",
        "well-known",
        "generic word",
    )
    return EvidenceNames(*(f"{group}, {name}" for name in parts))


class Form(NamedTuple):
    """What many candidates have in common: both edit kinds, both suffixes, whether there is a subdomain, whether every
    name under the intended suffix is watched, the label's length (13 stands for any greater one), and how many labels
    are watched under the suffix and in all."""

    edit: str
    suffix_edit: str
    typed_suffix: str
    suffix: str
    has_sub: bool
    wild: bool
    length: int
    under_suffix: int
    in_all: int


FormKey = tuple[str, str, str, str, bool, bool, int, int, int]


def form_key(candidate: Candidate, ambiguity: Ambiguity) -> FormKey:
    """The fields of a candidate's form, in order: a plain tuple for speed, since every candidate needs one."""
    edit, suffix_edit, _, label, typed_suffix, suffix, sub = candidate
    length = len(label)
    length = length if length <= LENGTHS[-1] else LENGTHS[-1] + 1
    return (
        edit,
        suffix_edit,
        typed_suffix,
        suffix,
        sub != "",
        ambiguity.wild,
        length,
        ambiguity.under_suffix,
        ambiguity.in_all,
    )


def form_of(candidate: Candidate, ambiguity: Ambiguity) -> Form:
    """The form of a candidate."""
    return Form(*form_key(candidate, ambiguity))


def form_evidence(form: Form) -> Evidence:
    """The evidence that depends on the form alone."""
    edit, suffix_edit, typed_suffix, suffix, has_sub, wild, length, under_suffix, in_all = form
    group = edit_group_of(edit)
    yield from ambiguity_evidence(group, under_suffix, in_all)
    yield from length_evidence(group, length, suffix_edit == SAME)
    yield from slip_evidence(edit, suffix_edit, suffix_class(typed_suffix), suffix_class(suffix), has_sub, wild)


def ambiguity_evidence(group: str, under_suffix: int, in_all: int) -> Evidence:
    """How many labels are watched."""
    yield f"{group}, crowd under suffix", log2(1 + under_suffix) / 10
    yield f"{group}, crowd in all", log2(1 + in_all) / 10


def length_evidence(group: str, length: int, same_suffix: bool) -> Evidence:
    """How short the intended label is."""
    for limit in LENGTHS:
        if length <= limit:
            yield f"{group}, up to {limit} letters", 1
            if group == "one" and same_suffix:
                yield f"one, same suffix, up to {limit} letters", 1


def slip_evidence(
    edit: str, suffix_edit: str, typed_class: str, intended_class: str, has_sub: bool, wild: bool
) -> Evidence:
    """Which slips there are, between which classes of suffix; `wild` where every name under the suffix is watched."""
    group = edit_group_of(edit)
    yield f"family {group}", 1
    yield f"way {edit}", 1
    yield f"suffix-way {suffix_edit}", 1
    yield f"{group}, {suffix_edit}", 1
    yield f"typed under {typed_class}{', intended too' if suffix_edit == SAME else ''}", 1
    if has_sub:
        yield f"{group}, sub-domain", 1
    if suffix_edit == SAME:
        if group in ("one", "two"):
            yield f"{group} under {typed_class}", 1
        return
    reality = "real" if typed_class != NO_CLASS else "unreal"
    yield f"{group}, {reality} suffix", 1
    yield f"{suffix_edit}, {reality} suffix", 1
    yield f"{group} to {typed_class}", 1
    if group in NAME_KEPT:
        yield f"{intended_class} to {typed_class}", 1
    if wild:
        yield f"{group}, watched suffix", 1
        yield f"{group}, watched suffix, {suffix_edit}", 1
        if has_sub:
            yield "watched suffix, sub-domain", 1


def label_evidence(candidate: Candidate, ambiguity: Ambiguity, trigrams: TrigramModel) -> list[tuple[str, float]]:
    """The evidence that depends on labels and rivals. A list for speed: unlike the form's, its sum isn't cached."""
    edit, suffix_edit, typed, label, typed_suffix, suffix, _ = candidate
    group = EDIT_GROUPS.get(edit, "dots")
    names = _names(group)
    bits = trigrams.bits(label)
    evidence = [(names.bits, bits / 20)]
    evidence += _facts_of_name(ambiguity, names, suffix_edit, typed_suffix)
    if group in COMPARED:
        evidence.append((names.typed_bits, trigrams.bits(typed) / 20))
        if suffix_edit == SAME and suffix in WITH_STATES and _other_state(typed, label):
            evidence.append(("another state", 1))
        if not typed.isalpha() and _HAS_DIGIT(typed) and not _HAS_DIGIT(label):
            evidence.append((names.digit, 1))
        if label in affix_words():
            evidence.append((names.generic_word, 1))
        if group == "one":
            evidence += _one_slip(edit, typed, label, suffix)
        elif group == "two" and letter_moved(typed, label):
            evidence.append(("letter moved", 1))
    elif group == "affix":
        evidence.append((_where_affix(typed, label), 1))
    if suffix in CLOSED and group in ("exact", "affix"):
        evidence += _closed(group, label, typed_suffix, bits)
    return evidence


def _one_slip(edit: str, typed: str, label: str, suffix: str) -> Evidence:
    if edit in HYPHENS:
        yield from _hyphen(edit, typed, label, suffix)
    at = Prefix.similarity(typed, label)
    if len(typed) == len(label) and other_doubled(typed, label, at):
        yield "other letter doubled", 1
    yield "at the start" if at == 0 else "at the end" if at >= len(label) - 1 else "in the middle", 1


def _hyphen(edit: str, typed: str, label: str, suffix: str) -> Evidence:
    if suffix in CLOSED:
        yield f"{edit}, closed", 1
    elif _between_words(typed, label):
        yield f"{edit} between words", 1


def _between_words(typed: str, label: str) -> bool:
    """Whether a hyphen that one of two labels has stands between two words: a firm often has both names. What is well
    known under .com is taken for a word."""
    longer, at = max(typed, label, key=len), Prefix.similarity(typed, label)
    words = longer[:at].rpartition("-")[2], longer[at + 1 :].partition("-")[0]
    return all(len(word) > 1 and is_well_known(f"{word}.com") for word in words)


def _facts_of_name(
    ambiguity: Ambiguity, names: EvidenceNames, suffix_edit: str, typed_suffix: str
) -> list[tuple[str, float]]:
    """What is known of the intended name, of its rivals, and of the typed name."""
    _, _, suffixes, rivals, _, only_known, well_known, host = ambiguity
    evidence: list[tuple[str, float]] = []
    if only_known:
        evidence.append((names.only_known, 1))
    if well_known:
        evidence.append((names.well_known, 1))
    if host is not None:
        evidence.append((host, 1))
    if rivals:
        evidence.append((names.rivals, log2(1 + rivals)))
    if suffixes > 1 and (suffix_edit == SAME or not is_only_a_slip(suffix_edit, typed_suffix)):
        evidence.append((names.suffixes, log2(suffixes)))
    return evidence


def is_only_a_slip(suffix_edit: str, typed_suffix: str) -> bool:
    """Whether a suffix is hardly the choice of somebody else, so that the only question is which name was meant: it is
    one keystroke from the intended one, or nobody can register a name under it."""
    return suffix_edit in KEYSTROKES or suffix_class(typed_suffix) == NO_CLASS


def _closed(group: str, label: str, typed_suffix: str, bits: float) -> Evidence:
    typed_class = suffix_class(typed_suffix)
    for length in CLOSED_LENGTHS:
        if len(label) <= length:
            yield f"{group}, closed, up to {length} letters", 1
    if len(label) > 5 and label[-2:] in states():
        yield f"{group}, closed, state to {typed_class}", 1
    yield f"{group}, closed, bits to {typed_class}", bits / 20


def _where_affix(typed: str, label: str) -> str:
    side = "before" if typed.endswith(label) else "after"
    hyphen = "-" in typed.replace(label, "", 1)
    return f"affix {side}{' with hyphen' if hyphen else ''}"


def _other_state(typed: str, label: str) -> bool:
    """Whether two labels end with different states: `jacksoncountyms` may be another county than `jacksoncountymn`."""
    end, other = typed[-2:], label[-2:]
    return end != other and min(len(typed), len(label)) > 4 and end in states() and other in states()


@cache
def states() -> frozenset[str]:
    return frozenset(data.read("us_states.txt").split("\n", 1)[1].split())
