"""What the scorer says of one domain."""

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
    "bit-flip",
    "replacement",
    "two-slips",
    "homoglyph",
    "affix",
    "hyphenated-affix",
    "missing-dot",
    "extra-dot",
    "moved-dot",
    "dot-to-hyphen",
    "hyphen-to-dot",
    "wildcard-hyphen",
    "suffix-missing-dot",
    "suffix-omission",
    "suffix-insertion",
    "suffix-transposition",
    "suffix-neighbour",
    "suffix-replacement",
    "suffix-appended",
    "suffix-inserted",
    "suffix-lost",
    "suffix-family",
    "suffix-brother",
    "suffix-swap",
    "name-and-suffix",
)
"""Every value that a verdict's `slip` may have; `name-and-suffix` where a keystroke went wrong in each."""


class Verdict(NamedTuple):
    """A domain's score and what it rests on.

    `score` is in 0..1. `intended` and `score` are given for a non-typo too, as the best guess, where there is one.
    `slip` names the way in which the hand erred (`suffix-omission`, `transposition`, ...), None where `intended` is.
    """

    domain: str
    score: float
    typo: bool
    certain: bool
    intended: str | None
    slip: str | None
    explanation: str
