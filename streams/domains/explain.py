"""Explanations: one sentence that tells an analyst what the slip is."""

from __future__ import annotations

from functools import cache

from rapidfuzz.distance import Prefix

from streams.domains.match.candidate import Candidate
from streams.domains.match.evidence import edit_group_of
from streams.domains.match.index import SuffixGroup
from streams.domains.names import readable
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
    "spelling": "{typed} is {label} in another spelling",
    "bit-flip": "the {meant} of {label} became {got}, one bit away",
    "replacement": "the {meant} of {label} became {got}",
    "two-slips": "two keystrokes lie between {typed} and {label}",
    "homoglyph": "{typed} reads like {label}",
    "affix": "{typed} is {label} with a common word beside it",
    "hyphenated-affix": "{typed} is {label} with a word beside it",
    "missing-dot": "a dot of {name} is missing",
    "extra-dot": "a dot too many is in {name}",
    "swapped-labels": "two parts of {name} changed places",
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
    "suffix-repeated": "the suffix .{suffix} came twice, as .{typed_suffix}",
    "suffix-appended": "the suffix .{typed_suffix} follows the whole name",
    "suffix-extended": "the suffix .{suffix} became .{typed_suffix}, with more letters after it",
    "suffix-inserted": "the suffix .{suffix} became .{typed_suffix}, a part too many",
    "suffix-lost": "of the suffix .{suffix} only .{typed_suffix} is left",
    "suffix-family": "the suffix .{suffix} became .{typed_suffix}, of the same family",
    "suffix-brother": "the suffix .{suffix} became .{typed_suffix}, its like elsewhere",
    "suffix-swap": "the suffix .{suffix} became .{typed_suffix}",
}

FURTHER = "the suffix .{further} follows the whole name"
MISSING = "the suffix .{suffix} is missing"


def slip_name(candidate: Candidate) -> str:
    """The name of a candidate's slip; `name-and-suffix` where name and suffix have one each."""
    edit, suffix_edit = candidate.edit, candidate.suffix_edit
    if edit in ("exact", "wildcard"):
        return suffix_edit
    if suffix_edit == SAME or edit_group_of(edit) in ("dots", "affix", "hyphen-affix", "wild"):
        return edit
    return "name-and-suffix"


def explain(domain: str, candidate: Candidate, group: SuffixGroup, rivals: int) -> str:
    """The sentence for a candidate, such as `army.ml: the suffix .mil lost its i; 12 watched domains end in .mil`.

    `group` has the watched labels under the candidate's suffix; `rivals` counts the other watched names that are near.
    """
    edit, suffix_edit, typed, label, typed_suffix, suffix, _ = candidate
    typed_as_it_was, suffix_as_it_was = _as_typed(domain, typed, typed_suffix)
    at, suffix_at = Prefix.similarity(typed, label), Prefix.similarity(typed_suffix, suffix)
    what = _template(edit, _suffix_template(suffix_edit, typed_suffix, suffix)).format(
        typed=typed_as_it_was,
        label=readable(label),
        typed_suffix=suffix_as_it_was,
        suffix=readable(suffix),
        name=readable(f"{label}.{suffix}"),
        meant=label[at : at + 1],
        got=typed[at : at + 1],
        suffix_meant=suffix[suffix_at : suffix_at + 1],
        suffix_got=typed_suffix[suffix_at : suffix_at + 1],
        further=typed_suffix[len(suffix) + 1 :],
    )
    is_foreign = "xn--" in domain and edit != "homoglyph" and not domain.endswith(f"{typed}.{typed_suffix}")
    foreign = "; it has letters beyond a to z" if is_foreign else ""
    return f"{domain}: {what}{foreign}{_ambiguity(candidate, group, rivals)}"


def _as_typed(domain: str, typed: str, typed_suffix: str) -> tuple[str, str]:
    """The typed label and suffix in the letters that were typed, where a candidate has their ASCII readings."""
    parts = 1 + typed_suffix.count(".") if typed_suffix else 0
    labels = readable(domain).split(".")
    at = len(labels) - parts
    if at < 1 or "xn--" not in domain:
        return typed, typed_suffix
    return ".".join(labels[max(0, at - 1 - typed.count(".")) : at]), ".".join(labels[at:])


def _suffix_template(suffix_edit: str, typed_suffix: str, suffix: str) -> str | None:
    if suffix_edit == "suffix-appended" and typed_suffix.startswith(suffix + "."):
        return FURTHER
    return SUFFIX.get(suffix_edit) if typed_suffix else MISSING


@cache
def _template(edit: str, in_suffix: str | None) -> str:
    """The template for the slips in name and suffix."""
    return " and ".join(part for part in (NAME.get(edit), in_suffix) if part)


def _ambiguity(candidate: Candidate, group: SuffixGroup, rivals: int) -> str:
    if candidate.suffix_edit != SAME and group.wild:
        return f"; every name under .{group.suffix} is watched"
    if candidate.suffix_edit != SAME:
        count = len(group.labels)
        return f"; {count} watched domain{'s end' if count != 1 else ' ends'} in .{group.suffix}"
    if rivals > 0:
        return f"; {rivals} other watched domain{'s are' if rivals > 1 else ' is'} near too"
    return ""
