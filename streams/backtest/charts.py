"""Charts as inline SVG, drawn once for wide and once for narrow pages: never scaled, so that text stays readable."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from streams.backtest.score import DAY_MS

WIDE, NARROW = (9.4, 2.9), (3.5, 2.6)
"""Width and height in inches; an SVG has 72 units to the inch."""
BAR, SECOND, INK, GRID = "#3b6ea5", "#c0504d", "#333333", "#dddddd"
DAYS_SHOWN_SINGLY, DAYS_SHOWN_BY_WEEK = 62, 740
LONGEST_LABEL = 26
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "straymail",
    "text.parse_math": False,
    "font.size": 9,
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
_DOCUMENT = re.compile(
    r"\A.*?(?=<svg )|<metadata>.*?</metadata>|<style[^>]*>.*?</style>| xmlns(?::\w+)?=\"[^\"]*\"", re.DOTALL
)
_IDS = re.compile(r"(\bid=\"|href=\"#|url\(#)")


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart in both widths; `label` describes it in words, for screen readers."""

    wide: str
    narrow: str
    label: str


def over_time(name: str, label: str, by_day: Mapping[int, int], days: tuple[int, int], colour: str = BAR) -> Chart:
    """Chart of bars by day, week or month, depending on the span. Days are numbered from the epoch, UTC."""
    periods = _periods(days)
    values = dict.fromkeys(periods.values(), 0)
    for day, count in by_day.items():
        values[periods[day]] = values.get(periods[day], 0) + count

    def draw(axes: Axes, size: tuple[float, float]) -> None:
        axes.bar(range(len(values)), list(values.values()), color=colour, width=0.8)
        step = max(1, round(len(values) / (size[0] * 0.9)))  # so that labels don't overlap
        places = list(range(0, len(values), step))
        axes.set_xticks(places, [list(values)[place] for place in places])
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.grid(axis="y", color=GRID, linewidth=0.6)

    return _chart(name, label, draw)


def ranking(name: str, label: str, values: Sequence[tuple[str, int]], notes: Sequence[str] | None = None) -> Chart:
    """Chart of horizontal bars, the first on top, each with its number and optionally a note."""

    def draw(axes: Axes, size: tuple[float, float]) -> None:
        places = list(range(len(values)))[::-1]
        bars = axes.barh(places, [count for _, count in values], color=BAR, height=0.7)
        labels = [f"{count:,}" for _, count in values]
        if notes is not None and size == WIDE:
            labels = [f"{number}  {note}" for number, note in zip(labels, notes, strict=True)]
        axes.bar_label(bars, labels, padding=3)
        axes.set_yticks(places, [_shortened(name) for name, _ in values])
        axes.set_xticks([])
        axes.margins(x=0.3)

    return _chart(name, label, draw, rows=len(values))


Draw = Callable[[Axes, tuple[float, float]], None]


def _chart(name: str, label: str, draw: Draw, rows: int = 0) -> Chart:
    wide, narrow = (_svg(f"{name}-{size[0]:g}", label, draw, size, rows) for size in (WIDE, NARROW))
    return Chart(wide, narrow, label)


def _svg(name: str, label: str, draw: Draw, size: tuple[float, float], rows: int) -> str:
    with mpl.rc_context(cast("Any", STYLE)):
        figure = Figure((size[0], max(1.2, 0.27 * rows + 0.3) if rows else size[1]), layout="constrained")
        axes = figure.add_subplot()
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        axes.set_axisbelow(True)
        draw(axes, size)
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return _inline(file.getvalue(), name, label)


def _inline(svg: str, name: str, label: str) -> str:
    """The SVG for use inside a page: without document parts, and with ids that differ from those of other charts."""
    bare = _IDS.sub(rf"\g<1>{name}-", _DOCUMENT.sub("", svg))
    quoted = label.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return bare.replace("<svg ", f'<svg role="img" aria-label="{quoted}" ', 1)


def _periods(days: tuple[int, int]) -> dict[int, str]:
    """Label of the period (day, week or month) that each day belongs to."""
    first, last = days
    span = last - first + 1
    if span <= DAYS_SHOWN_SINGLY:
        return {day: _date(day).strftime("%-d %b") for day in range(first, last + 1)}
    if span <= DAYS_SHOWN_BY_WEEK:  # day 4 was a Monday
        return {day: _date(day - (day - 4) % 7).strftime("%-d %b %y") for day in range(first, last + 1)}
    return {day: _date(day).strftime("%b %Y") for day in range(first, last + 1)}


def _date(day: int) -> datetime:
    return datetime.fromtimestamp(day * DAY_MS / 1000, tz=UTC)


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
