"""How surprising a label is: bits of information in its letters, by the letters that went before.

A label that carries many bits is hardly ever chosen by two owners; one that carries few is somebody's name in every
country. A slip mostly makes a label more surprising than the one that was meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log2
from typing import Any

ALPHABET = 38
_TRUST_IN_PAIRS = 4.0
_TRUST_IN_NONE = 0.5
_KEPT_COUNT = 3
_MOST_LABELS = 50_000
"""So many sums are kept: the same labels are meant again and again."""


class _Bits(dict[str, float]):
    """Bits of a letter after two others, backed off to where the three were never seen together."""

    __slots__ = ("_backoff", "_pairs", "_unseen")

    def __init__(self, letters: Letters) -> None:
        super().__init__(letters.threes)
        self._pairs, self._backoff, self._unseen = letters.pairs, letters.backoff, letters.unseen

    def __missing__(self, three: str) -> float:
        bits = self[three] = self._pairs.get(three[1:], self._unseen) + self._backoff.get(three[:2], 0.0)
        return bits


@dataclass(frozen=True, slots=True)
class Letters:
    """A model of three letters, made from counts. `threes`: bits of a letter after two others; where one isn't kept,
    `pairs` (bits after one other) and `backoff` (bits to add for the first two) are added up."""

    threes: dict[str, float]
    pairs: dict[str, float]
    backoff: dict[str, float]
    unseen: float
    _bits: dict[str, float] = field(init=False, repr=False)
    _labels: dict[str, float] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bits", _Bits(self))

    @classmethod
    def from_labels(cls, labels: Iterable[str]) -> Letters:
        threes, twos, pairs, ones = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        for label in labels:
            text = f"^^{label}$"
            for i in range(2, len(text)):
                threes[text[i - 2 : i + 1]] += 1
                twos[text[i - 2 : i]] += 1
                pairs[text[i - 1 : i + 1]] += 1
                ones[text[i - 1]] += 1
        total = {first: count + _TRUST_IN_NONE * ALPHABET for first, count in ones.items()}
        chance = {pair: (count + _TRUST_IN_NONE) / total[pair[0]] for pair, count in pairs.items()}
        unseen = log2(2 * ALPHABET)
        kept = {}
        for three, count in threes.items():
            if count >= _KEPT_COUNT:
                share = (count + _TRUST_IN_PAIRS * chance[three[1:]]) / (twos[three[:2]] + _TRUST_IN_PAIRS)
                kept[three] = -log2(share)
        backoff = {two: log2((count + _TRUST_IN_PAIRS) / _TRUST_IN_PAIRS) for two, count in twos.items()}
        return cls(kept, {pair: -log2(share) for pair, share in chance.items()}, backoff, unseen)

    @classmethod
    def from_data(cls, table: dict[str, Any]) -> Letters:
        """From what `to_data` gave."""
        threes, pairs, backoff = (
            {key: bits / 100 for key, bits in table[name].items()} for name in ("threes", "pairs", "backoff")
        )
        return cls(threes, pairs, backoff, table["unseen"] / 100)

    def to_data(self) -> dict[str, Any]:
        """As whole hundredths of a bit."""
        tables = {"threes": self.threes, "pairs": self.pairs, "backoff": self.backoff}
        data: dict[str, Any] = {
            name: {key: round(100 * bits) for key, bits in sorted(table.items())} for name, table in tables.items()
        }
        return {**data, "unseen": round(100 * self.unseen)}

    def bits(self, label: str) -> float:
        if (bits := self._labels.get(label)) is None:
            if len(self._labels) >= _MOST_LABELS:
                self._labels.clear()
            text, bits_of = f"^^{label}$", self._bits
            bits = sum([bits_of[text[end - 3 : end]] for end in range(3, len(text) + 1)])
            self._labels[label] = bits
        return bits
