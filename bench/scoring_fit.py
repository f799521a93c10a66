"""Fit the scorer's weights on the labelled domains: `make fit-scorer` writes streams/data/model.json.

Logistic regression over the evidence of each candidate: is it the intended domain? With --cross-validate each quarter
of the domains is scored with weights, and a trigram model, that never saw it; prints the figures and writes nothing.
"""

from __future__ import annotations

import argparse
import zlib
from collections import defaultdict
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
import orjson

from bench.scoring_data import ASIDE, PEOPLE, SIZES, Part, read_part, read_people, registrable
from bench.scoring_figures import Answer, figures, people_figures, print_figures, print_people
from bench.scoring_page import print_tables
from streams.domains.match.candidate import WILDCARD, Candidate
from streams.domains.match.choose import ambiguity_of, choose, is_listed, well_known_name
from streams.domains.match.evidence import Ambiguity, form_evidence, form_of, label_evidence
from streams.domains.match.finder import Finder
from streams.domains.match.index import Index
from streams.domains.match.model import probability
from streams.domains.match.trigrams import TrigramModel
from streams.domains.suffixes import suffix_rules

MODEL = Path(__file__).parents[1] / "streams" / "data" / "model.json"
FOLDS = 4
PENALTY = 0.3
STEPS, LEAST_GAIN = 25, 0.5
"""The fit ends after so many steps, or when a step lowers the loss by less than this."""
WEIGHT_OF_SIZE = {10: 3.0, 1000: 2.0}
"""Smaller watchlists have fewer candidates, and stricter bounds on false alarms."""
WEIGHT_OBSERVED = 2.0
"""For slips that people made: what they do counts for more than what a program makes."""
WEIGHT_ASIDE = 0.005
WEIGHT_RARE = 2.0
"""For legitimate names that aren't well known, as most of the people's aren't: a false alarm is mostly about these."""
PRIOR_OF_SIZE = {10: 2.8, 1000: 2.4, 20000: 1.5}
"""Log-odds that a domain of the made part is a slip, beyond those in a stream: a third of the domains there are slips,
far more than in a stream. The fewer names are watched, the fewer false alarms are tolerable. Among the people's domains
slips are as rare as they are in a stream."""
START = -3.0
"""The bias from which the fit starts."""
GENERIC = ("com", "org", "net")
JUDGED = {
    **{f"{meant} to {typed}": -3.5 for meant, typed in permutations(GENERIC, 2)},
    "exact, suffix-brother": -1.5,
    "one, generic word": -1.5,
    "suffix-lost, unreal suffix": 1.3,
}
"""Added to weights by judgement, where the data have too few real names: a name is mostly another owner's under another
generic suffix, a world organisation has a body in each country (`redcross.org.au`), and names like a generic word
(`mailx`, `newsy`) mostly have an owner. Nobody can own a name under what is left of a suffix (`army.m`)."""
BIAS_SHIFT = 0.45
"""Added to the bias: a miss costs more than a doubtful alarm, which makes one informational finding."""


@dataclass(frozen=True, slots=True)
class Row:
    """One domain with its candidates, each with its ambiguity and whether it is the intended domain."""

    part: Part
    domain: str
    is_slip: bool
    observed: bool
    aside: bool
    found: list[tuple[Candidate, Ambiguity, bool]]

    @property
    def fold(self) -> int:
        """The names under one registered name are in the same fold, in all parts."""
        return zlib.crc32(registrable(self.domain).encode()) % FOLDS

    @property
    def weight(self) -> float:
        weight = WEIGHT_OBSERVED if self.observed else 1.0
        if self.part.by_people:
            return weight if self.is_slip else WEIGHT_RARE
        weight *= WEIGHT_OF_SIZE.get(self.part.size, 1.0)
        if self.is_slip:
            return weight
        rare = 1.0 if well_known_name(self.domain) else WEIGHT_RARE
        return weight * rare * (WEIGHT_ASIDE if self.aside else 1.0)

    @property
    def prior(self) -> float:
        """The log-odds beyond those of a stream."""
        return 0.0 if self.part.by_people else PRIOR_OF_SIZE[self.part.size]


def gather(part: Part) -> list[Row]:
    index = Index(part.watchlist.read_text().split())
    finder = Finder(index)
    intended = [registrable(row.intended) for row in part.slips] + [""] * len(part.legitimate)
    observed = [part.by_people or row.kind == "real-mail-typo" for row in part.slips] + [False] * len(part.legitimate)
    rows = []
    for domain, meant, by_people in zip(part.domains, intended, observed, strict=True):
        candidates = finder.find(domain)
        rivals = len({(candidate.label, candidate.suffix) for candidate in candidates}) - 1
        found = []
        listed = well_known_name(domain)
        for candidate in candidates:
            right = registrable(candidate.intended) == meant
            found.append(
                (candidate, ambiguity_of(candidate, index, rivals, is_listed(domain, listed, candidate)), right)
            )
        rows.append(Row(part, domain, bool(meant), by_people, not meant and domain.endswith(ASIDE), found))
    return rows


def trigrams_of(rows: list[Row], watched: list[str]) -> TrigramModel:
    """A trigram model of the legitimate labels, watched ones included."""
    split = suffix_rules().split
    names = {row.domain for row in rows if not row.is_slip and not row.domain.endswith(".arpa")}
    names.update(name for name in watched if "*" not in name)
    return TrigramModel.from_labels(sorted({split(name).label for name in names}))


class Table:
    """The evidence of all candidates as a matrix: a row for each candidate, a column for each name of evidence."""

    def __init__(self, rows: list[Row], trigrams: TrigramModel) -> None:
        self.columns: dict[str, int] = {}
        cells: list[tuple[int, int, float]] = []
        target: list[bool] = []
        weight: list[float] = []
        fold: list[int] = []
        prior: list[float] = []
        for row in rows:
            row_weight, row_prior, row_fold = row.weight, row.prior, row.fold
            for candidate, ambiguity, right in row.found:
                evidence = [*form_evidence(form_of(candidate, ambiguity))]
                evidence += label_evidence(candidate, ambiguity, trigrams)
                cells += [(len(target), self.columns.setdefault(k, len(self.columns)), v) for k, v in evidence]
                target.append(right or (candidate.edit == WILDCARD and row.is_slip))
                weight.append(row_weight)
                fold.append(row_fold)
                prior.append(row_prior)
        self.matrix = np.zeros((len(target), len(self.columns) + 1), np.float32)
        self.matrix[:, -1] = 1
        line, column, value = zip(*cells, strict=True)
        np.add.at(self.matrix, (line, column), value)
        self.target, self.weight, self.fold = np.array(target, float), np.array(weight), np.array(fold)
        self.prior = np.array(prior)

    def fit(self, chosen: np.ndarray) -> np.ndarray:
        """The weights, fitted by iteratively reweighted least squares, with half a step where a whole one is too far.
        The bias, the last one, is not penalised; `BIAS_SHIFT` is added to it."""
        matrix, target, weight, prior = (x[chosen] for x in (self.matrix, self.target, self.weight, self.prior))
        penalty = np.full(matrix.shape[1], PENALTY)
        penalty[-1] = 1e-6
        beta = np.zeros(matrix.shape[1])
        beta[-1] = START

        def loss(beta: np.ndarray) -> float:
            odds = matrix @ beta + prior
            return float((weight * (np.logaddexp(0, odds) - target * odds)).sum() + (penalty * beta * beta).sum() / 2)

        now = loss(beta)
        for _ in range(STEPS):
            step = _newton_step(matrix, target, weight, matrix @ beta + prior, penalty, beta)
            while (after := loss(beta + step)) > now and np.abs(step).max() > 1e-3:
                step /= 2
            beta, gain, now = beta + step, now - after, after
            if gain < LEAST_GAIN:
                break
        beta[-1] += BIAS_SHIFT
        for name, shift in JUDGED.items():
            beta[self.columns[name]] += shift
        return beta


def _newton_step(
    matrix: np.ndarray, target: np.ndarray, weight: np.ndarray, odds: np.ndarray, penalty: np.ndarray, beta: np.ndarray
) -> np.ndarray:
    """The step towards the least penalised loss, from the log-odds at the weights `beta`."""
    chance = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    slope = matrix.T @ (weight * (target - chance)) - penalty * beta
    scaled = matrix * np.sqrt(weight * chance * (1 - chance) + 1e-6).astype(np.float32)[:, None]
    curve = (scaled.T @ scaled).astype(float)
    curve[np.diag_indices_from(curve)] += penalty
    return np.asarray(np.linalg.solve(curve, slope))


def answers(rows: list[Row], log_odds: np.ndarray) -> dict[int, list[Answer]]:
    """The answer for each domain, by size of the watchlist."""
    given: dict[int, list[Answer]] = defaultdict(list)
    at = 0
    for row in rows:
        weighed = [(float(log_odds[at + i]), item[0]) for i, item in enumerate(row.found)]
        at += len(weighed)
        if weighed:
            best = choose(weighed)
            given[row.part.size].append(Answer(best.candidate.intended, probability(best.log_odds)))
        else:
            given[row.part.size].append(Answer("", 0.0))
    return given


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cross-validate", action="store_true")
    cross = parser.parse_args().cross_validate
    made, people = [read_part(size) for size in SIZES], [read_people(least) for least in PEOPLE]
    rows = [row for part in (*made, *people) for row in gather(part)]
    watched = [name for part in (made[-1], people[0]) for name in part.watchlist.read_text().split()]
    if cross:
        log_odds = cross_validated(rows, watched)
    else:
        trigrams = trigrams_of([row for row in rows if row.part is made[-1]], watched)
        table = Table(rows, trigrams)
        beta = table.fit(np.ones(len(table.target), bool))
        log_odds = table.matrix @ beta
        write(table.columns, beta, trigrams)
    given = answers(rows, log_odds)
    for part in made:
        print_figures("cross-validated" if cross else "fitted", figures(part, given[part.size]))
    for part in people:
        print_people("cross-validated" if cross else "fitted", part.size, people_figures(part, given[part.size]))
    print_tables({part.size: part for part in made}, people[0], given)


def cross_validated(rows: list[Row], watched: list[str]) -> np.ndarray:
    log_odds = np.zeros(sum(len(row.found) for row in rows))
    for fold in range(FOLDS):
        trigrams = trigrams_of([row for row in rows if row.fold != fold and not row.part.by_people], watched)
        table = Table(rows, trigrams)
        held_out = table.fold == fold
        log_odds[held_out] = table.matrix[held_out] @ table.fit(~held_out)
    return log_odds


def write(columns: dict[str, int], beta: np.ndarray, trigrams: TrigramModel) -> None:
    weights = {name: round(float(beta[column]), 3) for name, column in sorted(columns.items())}
    table = {"bias": round(float(beta[-1]), 3), "weights": weights, "letters": trigrams.to_data()}
    MODEL.write_bytes(orjson.dumps(table, option=orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
