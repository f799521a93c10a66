"""The scorer's model: weights of evidence, fitted by `make fit-scorer` and shipped as data."""

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
    ambiguity_evidence,
    edit_group_of,
    form_key,
    label_evidence,
    length_evidence,
    slip_evidence,
)
from streams.domains.match.trigrams import TrigramModel
from streams.domains.slips.suffix import SAME
from streams.domains.suffixes import suffix_class

FORMS_KEPT = 100_000


class Model:
    """Sums the weighted evidence to log-odds. `bias` is the log-odds of a candidate without any evidence."""

    def __init__(self, weights: Mapping[str, float], bias: float, trigrams: TrigramModel) -> None:
        self.weights, self.bias, self.trigrams = weights, bias, trigrams
        self._form: Callable[..., float] = lru_cache(FORMS_KEPT)(self._weigh_form)
        self._ambiguity, self._length = self._cached_weight(ambiguity_evidence), self._cached_weight(length_evidence)
        self._slip = self._cached_weight(slip_evidence)

    def log_odds(self, candidate: Candidate, ambiguity: Ambiguity) -> float:
        """The log-odds that the candidate was meant."""
        weight = self.weights.get
        total = self._form(*form_key(candidate, ambiguity))
        for name, value in label_evidence(candidate, ambiguity, self.trigrams):
            total += weight(name, 0.0) * value
        return total

    def _weigh_form(self, *key: *FormKey) -> float:
        """The bias and the weight of `form_evidence`, from cached parts that many forms share."""
        edit, suffix_edit, typed_suffix, suffix, has_sub, wild, length, under_suffix, in_all = key
        group = edit_group_of(edit)
        slip = self._slip(edit, suffix_edit, suffix_class(typed_suffix), suffix_class(suffix), has_sub, wild)
        ambiguity = self._ambiguity(group, under_suffix, in_all)
        return self.bias + slip + self._length(group, length, suffix_edit == SAME) + ambiguity

    def _cached_weight(self, evidence: Callable[..., Evidence]) -> Callable[..., float]:
        weight = self.weights.get
        return lru_cache(FORMS_KEPT)(lambda *part: sum(weight(name, 0.0) * value for name, value in evidence(*part)))


def probability(log_odds: float) -> float:
    """The probability, in 0..1, with these log-odds."""
    return 1 / (1 + exp(-log_odds)) if log_odds > -700 else 0.0


@cache
def shipped_model() -> Model:
    """The model shipped with the package, read once."""
    table = orjson.loads(data.read("model.json"))
    return Model(table["weights"], table["bias"], TrigramModel.from_data(table["letters"]))
