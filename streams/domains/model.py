"""The model of confidence: weights of evidence, fitted by `make fit-scorer` and shipped as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from math import exp

import orjson

from streams import data
from streams.domains.candidates import Candidate
from streams.domains.evidence import Crowd, form_evidence, label_evidence
from streams.domains.letters import Letters

FORMS_KEPT = 100_000


class Model:
    """Sums the weights of the evidence to log-odds. `bias` is what stands for a candidate with no evidence at all."""

    def __init__(self, weights: Mapping[str, float], bias: float, letters: Letters) -> None:
        self.weights, self.bias, self.letters = weights, bias, letters
        self._form: Callable[[str, str, str, str, bool, bool], float] = lru_cache(FORMS_KEPT)(self._weigh_form)

    def log_odds(self, candidate: Candidate, crowd: Crowd, wild: bool) -> float:
        """How much speaks for the candidate; `wild` where every name under its suffix is watched."""
        way, suffix_way, _, _, typed_suffix, suffix, sub = candidate
        weight = self.weights.get
        total = self._form(way, suffix_way, typed_suffix, suffix, bool(sub), wild)
        for name, value in label_evidence(candidate, crowd, self.letters):
            total += weight(name, 0.0) * value
        return total

    def _weigh_form(
        self, way: str, suffix_way: str, typed_suffix: str, suffix: str, has_sub: bool, wild: bool
    ) -> float:
        evidence = form_evidence(way, suffix_way, typed_suffix, suffix, has_sub, wild)
        return self.bias + sum(self.weights.get(name, 0.0) * value for name, value in evidence)


def probability(log_odds: float) -> float:
    return 1 / (1 + exp(-log_odds)) if log_odds > -700 else 0.0


@cache
def shipped_model() -> Model:
    """The model that comes with the package, read once."""
    table = orjson.loads(data.read("model.json"))
    return Model(table["weights"], table["bias"], Letters.from_data(table["letters"]))
