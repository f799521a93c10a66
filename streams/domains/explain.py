"""Explanations: what an analyst is told about a slip, in one sentence."""

from __future__ import annotations

from functools import cache

from rapidfuzz.distance import Prefix

from streams.domains.match.candidate import Candidate
from streams.domains.match.evidence import family
from streams.domains.match.index import SuffixGroup
from streams.domains.slips.suffix import SAME

NAME = {
    "hyphen-lost": "{label} lost a hyphen",
    "plural-lost": "{label} lost its s",
    "double-lost": "{label} lost one of two equal letters, {meant}",
    "omission": "{label} lost its {meant}",
    "hyphen-added": "a hyphen came into {label}",
    "repetition": "the {got} of {label} came twice",
    "plural": "an s was added to {label}",
    "addition": "the key {got} was added to {label}",
    "neighbour-insertion": "the key {got} was touched beside another of {label}",
    "insertion": "the key {got} slipped into {label}",
    "transposition": "two letters of {label} changed places, {meant} and {got}",
    "digit-replacement": "the {meant} of {label} became another digit, {got}",
    "look-alike": "the {meant} of {label} became {got}, which looks like it",
    "vowel-replacement": "the {meant} of {label} became another vowel, {got}",
    "neighbour-replacement": "the {meant} of {label} became {got}, a key beside it",
    "bit-flip": "the {meant} of {label} became {got}, one bit away",
    "replacement": "the {meant} of {label} became {got}",
    "two-slips": "two keystrokes lie between {typed} and {label}",
    "homoglyph": "it reads like {label}",
    "affix": "{typed} is {label} with a common word beside it",
    "hyphenated-affix": "{typed} is {label} with a word beside it",
    "missing-dot": "a dot of {name} is missing",
    "extra-dot": "a dot too many is in {name}",
    "moved-dot": "a dot of {name} has moved",
    "dot-to-hyphen": "a dot of {name} became a hyphen",
    "hyphen-to-dot": "a hyphen of {name} became a dot",
    "wildcard-hyphen": "a dot before {suffix} became a hyphen",
}
SUFFIX = {
    "suffix-missing-dot": "the suffix .{suffix} lost its dot",
    "suffix-omission": "the suffix .{suffix} lost its {suffix_meant}",
    "suffix-insertion": "the key {suffix_got} slipped into the suffix .{suffix}",
    "suffix-transposition": "two letters of the suffix .{suffix} changed places",
    "suffix-neighbour": "the {suffix_meant} of the suffix .{suffix} became {suffix_got}, a key beside it",
    "suffix-replacement": "the {suffix_meant} of the suffix .{suffix} became {suffix_got}",
    "suffix-appended": "the suffix .{typed_suffix} follows the whole name",
    "suffix-inserted": "the suffix .{suffix} became .{typed_suffix}, a part too many",
    "suffix-lost": "of the suffix .{suffix} only .{typed_suffix} is left",
    "suffix-family": "the suffix .{suffix} became .{typed_suffix}, of the same family",
    "suffix-brother": "the suffix .{suffix} became .{typed_suffix}, its like elsewhere",
    "suffix-swap": "the suffix .{suffix} became .{typed_suffix}",
}


def slip_word(candidate: Candidate) -> str:
    """The one word for a candidate's slip; `name-and-suffix` where a keystroke went wrong in each."""
    way, suffix_way = candidate.way, candidate.suffix_way
    if way in ("exact", "wildcard"):
        return suffix_way
    if suffix_way == SAME or family(way) in ("dots", "affix", "hyphen-affix", "wild"):
        return way
    return "name-and-suffix"


def explain(domain: str, candidate: Candidate, group: SuffixGroup, rivals: int) -> str:
    """`army.ml: the suffix .mil lost its i; 12 watched domains end in .mil`."""
    way, suffix_way, typed, label, typed_suffix, suffix, _ = candidate
    appended = suffix_way == "suffix-appended" and typed_suffix.startswith(suffix + ".")
    at, suffix_at = Prefix.similarity(typed, label), Prefix.similarity(typed_suffix, suffix)
    said = _sentence(way, suffix_way, appended).format(
        typed=typed,
        label=label,
        typed_suffix=typed_suffix,
        suffix=suffix,
        name=f"{label}.{suffix}",
        meant=label[at : at + 1],
        got=typed[at : at + 1],
        suffix_meant=suffix[suffix_at : suffix_at + 1],
        suffix_got=typed_suffix[suffix_at : suffix_at + 1],
        further=typed_suffix[len(suffix) + 1 :],
    )
    foreign = "xn--" in domain and way != "homoglyph" and not domain.endswith(f"{typed}.{typed_suffix}")
    alike = "; it has letters beyond a to z" if foreign else ""
    return f"{domain}: {said}{alike}{_crowd(candidate, group, rivals)}"


@cache
def _sentence(way: str, suffix_way: str, appended: bool) -> str:
    """The template for two slips; `appended` where the typed suffix begins with the intended one."""
    in_suffix = "the suffix .{further} follows the whole name" if appended else SUFFIX.get(suffix_way)
    return " and ".join(said for said in (NAME.get(way), in_suffix) if said)


def _crowd(candidate: Candidate, group: SuffixGroup, rivals: int) -> str:
    if candidate.suffix_way != SAME and group.wild:
        return f"; every name under .{group.suffix} is watched"
    if candidate.suffix_way != SAME:
        count = len(group.labels)
        return f"; {count} watched domain{'s end' if count != 1 else ' ends'} in .{group.suffix}"
    if rivals > 0:
        return f"; {rivals} other watched domain{'s are' if rivals > 1 else ' is'} near too"
    return ""
