"""A candidate: one way of reading a domain as a slip."""

from __future__ import annotations

from typing import NamedTuple

EXACT = "exact"
WILDCARD = "wildcard"


class Candidate(NamedTuple):
    """`way` is what happened to the name (a slip of one label, `exact`, `two-slips`, `missing-dot`, ...), `suffix_way`
    what happened to the suffix. `typed` and `label` are the two labels compared, `typed_suffix` and `suffix` the two
    suffixes; `sub` is what stood before the label, and is kept."""

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
