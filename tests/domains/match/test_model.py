"""The model: its cached sums equal the sums of the named evidence."""

from __future__ import annotations

import pytest

from streams.domains.match.choose import ambiguity_of
from streams.domains.match.evidence import form_evidence, form_of, label_evidence
from streams.domains.match.finder import Finder
from streams.domains.match.index import Index
from streams.domains.match.model import probability, shipped_model

FINDER = Finder(Index(["*.mil", "army.mil", "mod.gov.uk", "state.gov", "lockheedmartin.com", "lockheedmartin.co.uk"]))


@pytest.mark.parametrize(
    "domain",
    [
        "army.ml",
        "hq.aemy.ml",
        "lockheedmartn.com",
        "lovkheedmsrtin.com",
        "1ockheedmartin.com",
        "lockheedmartin.xom",
        "mail-lockheedmartin.de",
        "armymil.com",
        "state.org",
        "mod.co.uk",
    ],
)
def test_log_odds_are_the_sum_of_the_named_evidence(domain: str) -> None:
    model = shipped_model()
    candidates = FINDER.find(domain)
    assert candidates
    for candidate in candidates:
        ambiguity = ambiguity_of(candidate, FINDER.index, rivals=2, well_known=True)
        evidence = [
            *form_evidence(form_of(candidate, ambiguity)),
            *label_evidence(candidate, ambiguity, model.trigrams),
        ]
        by_name = model.bias + sum(model.weights.get(name, 0.0) * value for name, value in evidence)
        assert model.log_odds(candidate, ambiguity) == pytest.approx(by_name)


def test_probability() -> None:
    assert [probability(odds) for odds in (-1000, 0, 1000)] == [0, 0.5, 1]
