"""The figures of benchmark runs and their tables: medians, spreads, and ratios run by run."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

BUILD = Path("build")


@dataclass(frozen=True)
class Figures:
    """The figures of one run, in which one reader reads the stream."""

    events_per_second: float
    cpu_us_per_event: float
    peak_memory_mb: float


Runs = Mapping[str, Sequence[Figures]]


def spread(values: Sequence[float], digits: int = 0) -> str:
    """The median, with the minimum and maximum in brackets."""
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def table(runs: Runs, first: str) -> str:
    """A Markdown table of the figures, a row for each reader."""
    lines = [f"| {first} | events/s | CPU us/event | peak memory MB |", "|---|---|---|---|"]
    for name, figures in runs.items():
        columns = (
            spread([f.events_per_second for f in figures]),
            spread([f.cpu_us_per_event for f in figures], 1),
            spread([f.peak_memory_mb for f in figures]),
        )
        lines.append(f"| {name} | {' | '.join(columns)} |")
    return "\n".join(lines)


def ratios(runs: Runs, of: str) -> dict[str, dict[str, list[float]]]:
    """The ratios of a reader's events/s and CPU per event to those of each other reader, run by run."""
    return {
        name: {
            "events_per_second": _by_run([f.events_per_second for f in runs[of]], [f.events_per_second for f in other]),
            "cpu_us_per_event": _by_run([f.cpu_us_per_event for f in runs[of]], [f.cpu_us_per_event for f in other]),
        }
        for name, other in runs.items()
        if name != of
    }


def _by_run(ones: list[float], others: list[float]) -> list[float]:
    return [one / other for one, other in zip(ones, others, strict=True)]


def ratio_table(runs: Runs, of: str) -> str:
    """A Markdown table of the ratios of one reader to the others."""
    lines = [f"| {of} compared with | events/s, times | CPU per event, times |", "|---|---|---|"]
    for name, found in ratios(runs, of).items():
        lines.append(f"| {name} | {spread(found['events_per_second'], 2)} | {spread(found['cpu_us_per_event'], 2)} |")
    return "\n".join(lines)


def machine() -> str:
    """The machine, its load, and the date."""
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {gigabytes:.0f} GB, load {load:.1f} at the end, Python {platform.python_version()},"
        f" {time.strftime('%Y-%m-%d')}"
    )


def save(name: str, found: Mapping[str, Any]) -> None:
    """Write figures to build/NAME.json, with the machine they were measured on."""
    BUILD.mkdir(exist_ok=True)
    (BUILD / f"{name}.json").write_bytes(
        orjson.dumps({"machine": machine(), **found}, default=asdict, option=orjson.OPT_INDENT_2)
    )
