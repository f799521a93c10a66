"""Parser for a worker's metrics: the part of Prometheus's text format that straymail writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Sample(NamedTuple):
    """One value of a metric, with its labels."""

    name: str
    labels: dict[str, str]
    value: float


def samples(text: str) -> Iterator[Sample]:
    """The samples of a metrics page, without its comments."""
    for line in text.splitlines():
        if match := _SAMPLE.fullmatch(line):
            yield Sample(match["name"], dict(_LABEL.findall(match["labels"] or "")), float(match["value"]))


def by_label(text: str, name: str, label: str) -> dict[str, int]:
    """Counts of one metric by the value of a label, without zeros, largest first."""
    counts: dict[str, int] = {}
    for sample in samples(text):
        if sample.name == name and sample.value:
            value = sample.labels[label]
            counts[value] = counts.get(value, 0) + int(sample.value)
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def total(text: str, name: str, **labels: str) -> float:
    """Sum of one metric over all samples that have these labels."""
    return sum(
        sample.value for sample in samples(text) if sample.name == name and labels.items() <= sample.labels.items()
    )
