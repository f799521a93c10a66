"""Reading a worker's metrics: as much of Prometheus's text format as straymail writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_SAMPLE = re.compile(r"(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Sample(NamedTuple):
    """One value and its labels."""

    name: str
    labels: dict[str, str]
    value: float


def samples(text: str) -> Iterator[Sample]:
    """The samples of an exposition; comments are left out."""
    for line in text.splitlines():
        if match := _SAMPLE.fullmatch(line):
            yield Sample(match["name"], dict(_LABEL.findall(match["labels"] or "")), float(match["value"]))


def by_label(text: str, name: str, label: str) -> dict[str, int]:
    """The counts above zero of one metric, by one of its labels, largest first."""
    counts: dict[str, int] = {}
    for sample in samples(text):
        if sample.name == name and sample.value:
            value = sample.labels[label]
            counts[value] = counts.get(value, 0) + int(sample.value)
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def total(text: str, name: str, **labels: str) -> float:
    """The sum of one metric over all samples with these labels."""
    return sum(
        sample.value for sample in samples(text) if sample.name == name and labels.items() <= sample.labels.items()
    )
