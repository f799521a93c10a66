"""What the scorer says of one domain."""

from dataclasses import dataclass

SLIPS = ("listed", "suffix-slip", "suffix-swap", "name-slip")
"""Every value that a verdict's `slip` may have."""


@dataclass(frozen=True, slots=True)
class Verdict:
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
