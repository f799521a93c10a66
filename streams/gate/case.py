"""One recipient at a mistaken domain while its question is answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from streams.gate.confirmations import Ask, AskKey
from streams.gate.find_slips import FoundSlip
from streams.gate.question import Refusing, Why

REFUSING = frozenset(get_args(Refusing))
FINAL: frozenset[Why] = frozenset({"rejected", "listed"})
"""The refusals that nobody can confirm."""


@dataclass(slots=True)
class Case:
    """What becomes of a recipient. `pair` is the digest of sender and recipient, `corrects` that of the sender and the
    intended address. `ask` is the open one; None where there is none. `confirms` is whether this mail is the
    confirmation, `is_new` whether `ask` was stored for this mail."""

    recipient: str
    slip: FoundSlip
    pair: str
    corrects: str
    ask: tuple[AskKey, Ask] | None
    why: Why
    confirms: bool
    is_new: bool = False

    @property
    def is_refused(self) -> bool:
        return self.why in REFUSING


def hold_back(cases: Sequence[Case]) -> None:
    """Let a mail confirm nothing where one of its recipients is refused, since it is refused as a whole: the next one
    confirms."""
    if any(case.is_refused for case in cases):
        for case in cases:
            case.confirms = False
