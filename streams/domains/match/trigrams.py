"""A trigram model of labels: how many bits of information a label's letters carry, given the two letters before each.

Two owners hardly ever choose the same label of many bits, while a label of few bits has an owner in every country. A
slip mostly makes a label more surprising than the intended one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import log2
from typing import Any

ALPHABET = 38
_BIGRAM_WEIGHT = 4.0
_ADDED_COUNT = 0.5
_LEAST_COUNT = 3
_CACHED_LABELS = 50_000
"""The size of the cache of labels' bits: the same few labels are meant most of the time."""


class _Bits(dict[str, float]):
    """Bits by trigram: those of the last letter after the first two. A trigram that isn't kept is backed off."""

    __slots__ = ("_backoff", "_bigrams", "_unseen")

    def __init__(self, model: TrigramModel) -> None:
        super().__init__(model.trigrams)
        self._bigrams, self._backoff, self._unseen = model.bigrams, model.backoff, model.unseen

    def __missing__(self, trigram: str) -> float:
        bits = self[trigram] = self._bigrams.get(trigram[1:], self._unseen) + self._backoff.get(trigram[:2], 0.0)
        return bits


@dataclass(frozen=True, slots=True)
class TrigramModel:
    """A trigram model with backoff, estimated from counts.

    `trigrams`: bits of a letter after two others. For a trigram that isn't there, `bigrams` (bits of the letter after
    one other) and `backoff` (bits to add for the first two letters) are added up.
    """

    trigrams: dict[str, float]
    bigrams: dict[str, float]
    backoff: dict[str, float]
    unseen: float
    _bits: dict[str, float] = field(init=False, repr=False)
    _labels: dict[str, float] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bits", _Bits(self))

    @classmethod
    def from_labels(cls, labels: Iterable[str]) -> TrigramModel:
        trigrams, contexts, bigrams, ones = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        for label in labels:
            text = f"^^{label}$"
            for i in range(2, len(text)):
                trigrams[text[i - 2 : i + 1]] += 1
                contexts[text[i - 2 : i]] += 1
                bigrams[text[i - 1 : i + 1]] += 1
                ones[text[i - 1]] += 1
        total = {first: count + _ADDED_COUNT * ALPHABET for first, count in ones.items()}
        chance = {bigram: (count + _ADDED_COUNT) / total[bigram[0]] for bigram, count in bigrams.items()}
        unseen = log2(2 * ALPHABET)
        kept = {}
        for trigram, count in trigrams.items():
            if count >= _LEAST_COUNT:
                share = (count + _BIGRAM_WEIGHT * chance[trigram[1:]]) / (contexts[trigram[:2]] + _BIGRAM_WEIGHT)
                kept[trigram] = -log2(share)
        backoff = {context: log2((count + _BIGRAM_WEIGHT) / _BIGRAM_WEIGHT) for context, count in contexts.items()}
        return cls(kept, {bigram: -log2(share) for bigram, share in chance.items()}, backoff, unseen)

    @classmethod
    def from_data(cls, table: dict[str, Any]) -> TrigramModel:
        """The model from the output of `to_data`."""
        trigrams, bigrams, backoff = (
            {key: bits / 100 for key, bits in table[name].items()} for name in ("threes", "pairs", "backoff")
        )
        return cls(trigrams, bigrams, backoff, table["unseen"] / 100)

    def to_data(self) -> dict[str, Any]:
        """The tables as JSON data, in whole hundredths of a bit."""
        tables = {"threes": self.trigrams, "pairs": self.bigrams, "backoff": self.backoff}
        data: dict[str, Any] = {
            name: {key: round(100 * bits) for key, bits in sorted(table.items())} for name, table in tables.items()
        }
        return {**data, "unseen": round(100 * self.unseen)}

    def bits(self, label: str) -> float:
        """The bits of information in a label."""
        if (bits := self._labels.get(label)) is None:
            if len(self._labels) >= _CACHED_LABELS:
                self._labels.clear()
            text, bits_of = f"^^{label}$", self._bits
            bits = sum([bits_of[text[end - 3 : end]] for end in range(3, len(text) + 1)])
            self._labels[label] = bits
        return bits
