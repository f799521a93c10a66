"""The model of confidence: weights of evidence, fitted by `make fit-scorer` and shipped as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from math import exp

import orjson

from streams import data
from streams.domains.match.candidate import Candidate
from streams.domains.match.evidence import (
    Ambiguity,
    Evidence,
    FormKey,
    crowd_evidence,
    family,
    form_key,
    label_evidence,
    length_evidence,
    slip_evidence,
)
from streams.domains.match.letters import Letters
from streams.domains.slips.suffix import SAME
from streams.domains.suffixes import suffix_class

FORMS_KEPT = 100_000


class Model:
    """Sums the weights of the evidence to log-odds. `bias` is what stands for a candidate with no evidence at all."""

    def __init__(self, weights: Mapping[str, float], bias: float, letters: Letters) -> None:
        self.weights, self.bias, self.letters = weights, bias, letters
        self._form: Callable[..., float] = lru_cache(FORMS_KEPT)(self._weigh_form)
        self._crowd, self._length = self._kept(crowd_evidence), self._kept(length_evidence)
        self._slip = self._kept(slip_evidence)

    def log_odds(self, candidate: Candidate, crowd: Ambiguity) -> float:
        """How much speaks for the candidate."""
        weight = self.weights.get
        total = self._form(*form_key(candidate, crowd))
        for name, value in label_evidence(candidate, crowd, self.letters):
            total += weight(name, 0.0) * value
        return total

    def _weigh_form(self, *key: *FormKey) -> float:
        """The weight of `form_evidence`, from parts that many forms share."""
        way, suffix_way, typed_suffix, suffix, has_sub, wild, length, under_suffix, in_all = key
        kin = family(way)
        slip = self._slip(way, suffix_way, suffix_class(typed_suffix), suffix_class(suffix), has_sub, wild)
        return self.bias + slip + self._length(kin, length, suffix_way == SAME) + self._crowd(kin, under_suffix, in_all)

    def _kept(self, evidence: Callable[..., Evidence]) -> Callable[..., float]:
        weight = self.weights.get
        return lru_cache(FORMS_KEPT)(lambda *part: sum(weight(name, 0.0) * value for name, value in evidence(*part)))


def probability(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds)) if log_odds > -700 else 0.0


@cache
def shipped_model() -> Model:
    """The model that comes with the package, read once."""
    table = orjson.loads(data.read("model.json"))
    return Model(table["weights"], table["bias"], Letters.from_data(table["letters"]))
