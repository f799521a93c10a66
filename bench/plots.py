"""Plots of the figures for the documentation, as SVG; the same figures give the same bytes."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

STYLE: dict[Any, Any] = {
    "svg.hashsalt": "straymail",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
}
INK = "#1f5fa8"


def bars(path: Path, values: Mapping[str, Sequence[float]], label: str) -> None:
    """Draw a bar for the median of each name's values, with a line from the minimum to the maximum."""
    names = list(values)[::-1]
    middles = [statistics.median(values[name]) for name in names]
    below = [middle - min(values[name]) for name, middle in zip(names, middles, strict=True)]
    above = [max(values[name]) - middle for name, middle in zip(names, middles, strict=True)]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 0.5 * len(names) + 1), layout="constrained")
        axes = figure.subplots()
        axes.barh(names, middles, xerr=(below, above), color=INK, ecolor="#555555", capsize=3)
        for name, middle in zip(names, middles, strict=True):
            axes.annotate(f" {middle:,.0f}", (0, name), va="center", color="white" if middle > 20_000 else "#333333")
        axes.set_xlabel(label)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.spines[["top", "right"]].set_visible(False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None, "Creator": None})
