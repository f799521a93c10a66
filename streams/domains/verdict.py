"""The verdict: the scorer's result for one domain."""

from typing import NamedTuple

SLIPS = (
    "listed",
    "hyphen-lost",
    "plural-lost",
    "double-lost",
    "omission",
    "hyphen-added",
    "repetition",
    "plural",
    "addition",
    "neighbour-insertion",
    "insertion",
    "transposition",
    "digit-replacement",
    "look-alike",
    "vowel-replacement",
    "neighbour-replacement",
    "spelling",
    "bit-flip",
    "replacement",
    "two-slips",
    "homoglyph",
    "affix",
    "hyphenated-affix",
    "missing-dot",
    "extra-dot",
    "moved-dot",
    "swapped-labels",
    "dot-to-hyphen",
    "hyphen-to-dot",
    "wildcard-hyphen",
    "suffix-missing-dot",
    "suffix-omission",
    "suffix-insertion",
    "suffix-transposition",
    "suffix-neighbour",
    "suffix-replacement",
    "suffix-extended",
    "suffix-repeated",
    "suffix-appended",
    "suffix-inserted",
    "suffix-lost",
    "suffix-family",
    "suffix-brother",
    "suffix-swap",
    "name-and-suffix",
)
"""Every value of a verdict's `slip`; `name-and-suffix` where name and suffix have a wrong keystroke each."""


class Verdict(NamedTuple):
    """A domain's score, the intended domain, the slip, and their explanation.

    `score` is in 0..1. For a domain that is not a typo, `intended` and `score` are the best guess, where there is one.
    `slip` is one of `SLIPS` (`suffix-omission`, `transposition`, ...); it is None where `intended` is None.
    """

    domain: str
    score: float
    typo: bool
    certain: bool
    intended: str | None
    slip: str | None
    explanation: str
