"""Fit the scorer's weights on the labelled domains: `make fit-scorer` writes streams/data/model.json.

Logistic regression over the evidence of each candidate: is it the intended domain? With --cross-validate each quarter
of the domains is scored with weights, and a trigram model, that never saw it; prints the figures and writes nothing.
"""

from __future__ import annotations

import argparse
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson

from bench.scoring_data import SIZES, Part, read_part, registrable
from bench.scoring_figures import Answer, figures, print_figures
from bench.scoring_page import print_tables
from streams.domains.match.candidate import WILDCARD, Candidate
from streams.domains.match.choose import ambiguity_of, choose
from streams.domains.match.evidence import Ambiguity, form_evidence, form_of, label_evidence
from streams.domains.match.finder import Finder
from streams.domains.match.index import Index
from streams.domains.match.model import probability
from streams.domains.match.trigrams import TrigramModel
from streams.domains.suffixes import suffix_rules

MODEL = Path(__file__).parents[1] / "streams" / "data" / "model.json"
FOLDS = 4
PENALTY = 0.3
WEIGHT_OF_SIZE = {10: 3.0, 1000: 2.0}
"""Smaller watchlists have fewer candidates, and stricter bounds on false alarms."""
WEIGHT_ASIDE = 0.005
PRIOR_SHIFT, PRIOR_SHIFT_OF_SIZE = -3.05, 0.64
"""Added to the bias, and to the weights of the number of all watched names (its log2 / 10): a third of the domains in
the data are slips, far more than in a stream; and the fewer names are watched, the fewer false alarms are tolerable."""
TWO_IN_SHORT, TWO_IN_SHORT_SHIFT = "two, up to 7 letters", -1.0
"""Added to the weight of two slips in a short name: nearly all of the fifty in the data are slips, but fifty are too
few to be so sure."""


@dataclass(frozen=True, slots=True)
class Row:
    """One domain with its candidates, each with its ambiguity and whether it is the intended domain."""

    part: int
    position: int
    domain: str
    is_slip: bool
    aside: bool
    found: list[tuple[Candidate, Ambiguity, bool]]

    @property
    def fold(self) -> int:
        return zlib.crc32(self.domain.encode()) % FOLDS


def gather(part: Part) -> list[Row]:
    index = Index(part.watchlist.read_text().split())
    finder = Finder(index)
    intended = [registrable(row.intended) for row in part.slips] + [""] * len(part.legitimate)
    rows = []
    for position, (domain, meant) in enumerate(zip(part.domains, intended, strict=True)):
        candidates = finder.find(domain)
        rivals = len({(candidate.label, candidate.suffix) for candidate in candidates}) - 1
        found = []
        for candidate in candidates:
            right = registrable(candidate.intended) == meant
            found.append((candidate, ambiguity_of(candidate, index, rivals), right))
        rows.append(Row(part.size, position, domain, bool(meant), not meant and domain.endswith(".ml"), found))
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
        for row in rows:
            for candidate, ambiguity, right in row.found:
                evidence = [*form_evidence(form_of(candidate, ambiguity))]
                evidence += label_evidence(candidate, ambiguity, trigrams)
                cells += [(len(target), self.columns.setdefault(k, len(self.columns)), v) for k, v in evidence]
                target.append(right or (candidate.edit == WILDCARD and row.is_slip))
                weight.append(WEIGHT_OF_SIZE.get(row.part, 1.0) * (WEIGHT_ASIDE if row.aside else 1.0))
                fold.append(row.fold)
        self.matrix = np.zeros((len(target), len(self.columns) + 1), np.float32)
        self.matrix[:, -1] = 1
        line, column, value = zip(*cells, strict=True)
        np.add.at(self.matrix, (line, column), value)
        self.target, self.weight, self.fold = np.array(target, float), np.array(weight), np.array(fold)

    def fit(self, chosen: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
        """The weights, fitted by iteratively reweighted least squares; the bias, the last one, is not penalised."""
        matrix, target, weight = self.matrix[chosen], self.target[chosen], self.weight[chosen]
        beta = np.zeros(matrix.shape[1]) if start is None else start.copy()
        penalty = np.full(len(beta), PENALTY)
        penalty[-1] = 1e-6
        for _ in range(12):
            chance = 1 / (1 + np.exp(-np.clip(matrix @ beta, -30, 30)))
            slope = matrix.T @ (weight * (target - chance)) - penalty * beta
            curve = (weight * chance * (1 - chance) + 1e-6).astype(np.float32)
            bend = ((matrix * curve[:, None]).T @ matrix).astype(float)
            bend[np.diag_indices_from(bend)] += penalty
            step = np.linalg.solve(bend, slope)
            beta += step
            if np.abs(step).max() < 0.01:
                break
        return beta

    def with_prior(self, beta: np.ndarray) -> np.ndarray:
        """Fitted weights adjusted to a stream in which slips are rare."""
        shifted = beta.copy()
        shifted[-1] += PRIOR_SHIFT
        shifted[[column for name, column in self.columns.items() if name.endswith("crowd in all")]] += (
            PRIOR_SHIFT_OF_SIZE
        )
        shifted[self.columns[TWO_IN_SHORT]] += TWO_IN_SHORT_SHIFT
        return shifted


def answers(rows: list[Row], log_odds: np.ndarray) -> dict[int, list[Answer]]:
    """The answer for each domain, by size of the watchlist."""
    given: dict[int, list[Answer]] = defaultdict(list)
    at = 0
    for row in rows:
        weighed = [(float(log_odds[at + i]), item[0]) for i, item in enumerate(row.found)]
        at += len(weighed)
        if weighed:
            best = choose(weighed)
            given[row.part].append(Answer(best.candidate.intended, probability(best.log_odds)))
        else:
            given[row.part].append(Answer("", 0.0))
    return given


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cross-validate", action="store_true")
    cross = parser.parse_args().cross_validate
    parts = {size: read_part(size) for size in SIZES}
    rows = [row for part in parts.values() for row in gather(part)]
    watched = parts[SIZES[-1]].watchlist.read_text().split()
    if cross:
        log_odds = cross_validated(rows, watched)
    else:
        trigrams = trigrams_of([row for row in rows if row.part == SIZES[-1]], watched)
        table = Table(rows, trigrams)
        beta = table.with_prior(table.fit(np.ones(len(table.target), bool)))
        log_odds = table.matrix @ beta
        write(table.columns, beta, trigrams)
    given = answers(rows, log_odds)
    for size, part in parts.items():
        print_figures("cross-validated" if cross else "fitted", figures(part, given[size]))
    print_tables(parts, given)


def cross_validated(rows: list[Row], watched: list[str]) -> np.ndarray:
    log_odds = np.zeros(sum(len(row.found) for row in rows))
    for fold in range(FOLDS):
        trigrams = trigrams_of([row for row in rows if row.fold != fold], watched)
        table = Table(rows, trigrams)
        held_out = table.fold == fold
        log_odds[held_out] = table.matrix[held_out] @ table.with_prior(table.fit(~held_out))
    return log_odds


def write(columns: dict[str, int], beta: np.ndarray, trigrams: TrigramModel) -> None:
    weights = {name: round(float(beta[column]), 3) for name, column in sorted(columns.items())}
    table = {"bias": round(float(beta[-1]), 3), "weights": weights, "letters": trigrams.to_data()}
    MODEL.write_bytes(orjson.dumps(table, option=orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
