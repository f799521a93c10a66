"""The costs of scoring as docs/scoring.md shows them: a table and a plot."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

DOCS = Path(__file__).parents[1] / "docs"
PLOT = DOCS / "images" / "scoring-cost.svg"
BEGIN, END = "<!-- made by make bench-scoring-cost -->\n", "<!-- end -->\n"


class Cost(NamedTuple):
    """The cost with a watchlist of one size: microseconds a domain, as elapsed time, as CPU time, and as CPU time
    without start and loading; the CPU seconds of start and loading; peak memory."""

    watched: int
    wall_us: float
    cpu_us: float
    loaded_us: float
    load_s: float
    peak_mb: float


def table(costs: list[Cost], domains: int, cached_us: float, day: date) -> str:
    """The costs as a Markdown table."""
    lines = [
        f"{day}, {len(os.sched_getaffinity(0))} cores of a shared virtual machine, {domains:,} domains once each:",
        "",
        "| watched | us a domain | CPU us | CPU us once loaded | start and load, CPU s | peak MB |",
        "|---|---|---|---|---|---|",
        *("| {:,} | {:.1f} | {:.1f} | {:.1f} | {:.2f} | {:.0f} |".format(*cost) for cost in costs),
        f"| 20,000, verdict cached | | | {cached_us:.2f} | | |",
    ]
    return "\n".join(lines) + "\n"


def put_into_page(text: str) -> None:
    """Replace the table between the two marks in docs/scoring.md."""
    page = DOCS / "scoring.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}{text}{END}{after}", encoding="utf-8")


def plot(costs: list[Cost]) -> None:
    """Draw CPU time by size on logarithmic axes, with a line for a cost in proportion to the watchlist."""
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "scoring-cost", "font.size": 9})
    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.subplots()
    watched = [cost.watched for cost in costs]
    axes.loglog(watched, [cost.cpu_us for cost in costs], "o-", label="whole process, loading included")
    axes.loglog(watched, [cost.loaded_us for cost in costs], "s-", label="once loaded")
    first = costs[0]
    proportional = [first.loaded_us * size / first.watched for size in watched]
    axes.loglog(watched, proportional, ":", color="gray", label="in proportion to the watchlist")
    axes.set(xlabel="watched domains", ylabel="CPU µs a domain", ylim=(first.loaded_us / 2, 1000))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(PLOT, metadata={"Date": None})
