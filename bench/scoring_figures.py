"""Accuracy figures of a detector on one part of the labelled domains."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.scoring_data import Part, registrable
from streams.domains.thresholds import CERTAIN, TYPO

FALSE_ALARMS = (0.0001, 0.001, 0.01)


class Answer(NamedTuple):
    """A detector's answer for one domain. Where `typo` or `certain` is None, the score decides."""

    intended: str
    score: float
    typo: bool | None = None
    certain: bool | None = None

    @property
    def is_typo(self) -> bool:
        return self.score >= TYPO if self.typo is None else self.typo

    @property
    def is_certain(self) -> bool:
        return self.score >= CERTAIN if self.certain is None else self.certain


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in 0..1. A slip counts as found where it is flagged and traced to the intended registered name.

    `macro` is the mean of the recall over kinds; `aside` is the share of false alarms among legitimate names under .ml,
    which the other shares leave out; `recall_at` gives the recall at a fixed share of false alarms.
    """

    size: int
    recall: float
    macro: float
    flagged: float
    false_alarms: float
    near: float
    far: float
    aside: float
    certain_recall: float
    certain_false_alarms: float
    recall_at: dict[float, float] = field(default_factory=dict)
    kinds: dict[str, float] = field(default_factory=dict)


def figures(part: Part, answers: list[Answer]) -> Figures:
    slips = list(zip(part.slips, answers[: len(part.slips)], strict=True))
    others = list(zip(part.legitimate, answers[len(part.slips) :], strict=True))
    right = [registrable(answer.intended) == registrable(slip.intended) for slip, answer in slips]
    kinds: dict[str, list[bool]] = defaultdict(list)
    for (slip, answer), traced in zip(slips, right, strict=True):
        kinds[slip.kind].append(answer.is_typo and traced)
    counted = [(row, answer) for row, answer in others if not row.aside]
    scores = sorted((answer.score for _, answer in counted), reverse=True)
    recall_at = {}
    for share in FALSE_ALARMS:
        cut = scores[int(share * len(scores))]
        recall_at[share] = _share([a.score > cut and ok for (_, a), ok in zip(slips, right, strict=True)])
    by_kind = {kind: _share(found) for kind, found in sorted(kinds.items())}
    return Figures(
        size=part.size,
        recall=_share([found for kind in kinds.values() for found in kind]),
        macro=sum(by_kind.values()) / len(by_kind),
        flagged=_share([answer.is_typo for _, answer in slips]),
        false_alarms=_share([answer.is_typo for _, answer in counted]),
        near=_share([answer.is_typo for row, answer in counted if row.near]),
        far=_share([answer.is_typo for row, answer in counted if not row.near]),
        aside=_share([answer.is_typo for row, answer in others if row.aside]),
        certain_recall=_share([a.is_certain and ok for (_, a), ok in zip(slips, right, strict=True)]),
        certain_false_alarms=_share([answer.is_certain for _, answer in counted]),
        recall_at=recall_at,
        kinds=by_kind,
    )


class PeopleFigures(NamedTuple):
    """Counts of one of the parts that people made: slips traced to the very domain that was meant, and names of others.

    `alarms` counts registrable names among the others, since one allowed entry silences all below it.
    """

    slips: int
    right: int
    certain: int
    alarms: int
    certain_alarms: int


def people_figures(part: Part, answers: list[Answer]) -> PeopleFigures:
    slips = zip(part.slips, answers[: len(part.slips)], strict=True)
    right = [answer for slip, answer in slips if answer.is_typo and answer.intended == slip.intended]
    others = zip(part.legitimate, answers[len(part.slips) :], strict=True)
    alarms = [(registrable(row.domain), answer) for row, answer in others if answer.is_typo]
    certain_alarms = {name for name, answer in alarms if answer.is_certain}
    certain = sum(answer.is_certain for answer in right)
    return PeopleFigures(len(part.slips), len(right), certain, len({name for name, _ in alarms}), len(certain_alarms))


def _share(found: list[bool]) -> float:
    return sum(found) / len(found) if found else 0.0


def print_people(name: str, size: int, result: PeopleFigures) -> None:
    """Print the figures as a row of docs/scoring.md."""
    slips, right, certain, alarms, certain_alarms = result
    print(f"| {size:,} | {name} | {right} of {slips} | {alarms} | {certain} | {certain_alarms} |")


def print_figures(name: str, result: Figures, microseconds: float | None = None) -> None:
    cost = f"  {microseconds:.1f} us" if microseconds is not None else ""
    print(
        f"{result.size:>6} {name:16} recall {result.recall:.4f} macro {result.macro:.4f}"
        f" flagged {result.flagged:.4f}  false alarms {result.false_alarms:.5f} near {result.near:.5f}"
        f" far {result.far:.5f} .ml {result.aside:.3f}{cost}"
    )
    at = "  ".join(f"{share:.2%}: {recall:.4f}" for share, recall in result.recall_at.items())
    print(f"       recall at false alarms of {at}; certain: recall {result.certain_recall:.4f}, ", end="")
    print(f"false alarms {result.certain_false_alarms:.5f}")
    print("       " + "  ".join(f"{kind} {recall:.3f}" for kind, recall in result.kinds.items()))
