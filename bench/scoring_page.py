"""The tables of docs/scoring.md, as Markdown: by threshold, by kind of slip, and the share of slips by score."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from bench.scoring_data import Legitimate, Part, Slip, registrable
from bench.scoring_figures import Answer, figures, people_figures

THRESHOLDS = (0.2, 0.35, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
NEW_A_WEEK = 1_000
"""Rare domains that an organisation of 10,000 people writes to for the first time in a week; an estimate."""
BANDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def print_tables(parts: Mapping[int, Part], people: Part, given: Mapping[int, list[Answer]]) -> None:
    """Print the tables for the answers to each part's domains, by the part's size."""
    of_people = _people_by_threshold(people, given[people.size])
    for lines in (of_people, _by_threshold(parts, given), _by_kind(parts, given), _by_score(parts, given)):
        print("\n" + "\n".join(lines))


def _by_threshold(parts: Mapping[int, Part], given: Mapping[int, list[Answer]]) -> list[str]:
    lines = ["| from |" + "".join(f" {size:,}: recall | alarms | near |" for size in parts)]
    lines.append("|---|" + "---|---|---|" * len(parts))
    for threshold in THRESHOLDS:
        line = f"| {threshold} |"
        for size, part in parts.items():
            result = figures(part, [Answer(a.intended, a.score, a.score >= threshold) for a in given[size]])
            line += f" {result.macro:.3f} | {result.false_alarms:.5f} | {result.near:.4f} |"
        lines.append(line)
    return lines


def _by_kind(parts: Mapping[int, Part], given: Mapping[int, list[Answer]]) -> list[str]:
    found = {size: figures(part, given[size]).kinds for size, part in parts.items()}
    lines = ["| kind |" + "".join(f" {size:,} |" for size in parts), "|---|" + "---|" * len(parts)]
    for kind in sorted({kind for kinds in found.values() for kind in kinds}):
        shares = (f" {kinds[kind]:.3f} |" if kind in kinds else " |" for kinds in found.values())
        lines.append(f"| {kind} |" + "".join(shares))
    return lines


def _by_score(parts: Mapping[int, Part], given: Mapping[int, list[Answer]]) -> list[str]:
    """The share of slips among the domains in each band of scores, without legitimate ones under .ml."""
    lines = [
        "| score |" + "".join(f" {size:,}: domains | slips |" for size in parts),
        "|---|" + "---|---|" * len(parts),
    ]
    for low, high in pairwise(BANDS):
        line = f"| {low} to {min(high, 1)} |"
        for size, part in parts.items():
            judged: list[Slip | Legitimate] = [*part.slips, *part.legitimate]
            rows = zip(judged, given[size], strict=True)
            slips = [isinstance(row, Slip) for row, answer in rows if low <= answer.score < high and _counts(row)]
            line += f" {len(slips)} | {sum(slips) / max(len(slips), 1):.3f} |"
        lines.append(line)
    return lines


def _counts(row: Slip | Legitimate) -> bool:
    return isinstance(row, Slip) or not row.aside


def _people_by_threshold(part: Part, answers: list[Answer]) -> list[str]:
    """A table in Markdown: what each threshold finds, and what it costs in alarms a week."""
    lines = ["| from | slips found | of | alarms | among | alarms a week |", "|---|---|---|---|---|---|"]
    among = len({registrable(row.domain) for row in part.legitimate})
    for threshold in THRESHOLDS:
        judged = [Answer(a.intended, a.score, a.score >= threshold) for a in answers]
        slips, right, _, alarms, _ = people_figures(part, judged)
        a_week = NEW_A_WEEK * alarms / among
        lines.append(f"| {threshold} | {right} | {slips} | {alarms} | {among:,} | {a_week:.1f} |")
    return lines
