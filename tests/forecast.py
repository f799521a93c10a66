"""How long a run of tests takes: told in its first line, from what `make durations` measured and wrote beside this."""

from __future__ import annotations

import json
import os
import platform
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.groups import GROUPS, by_group

FIGURES = Path(__file__).with_name("forecast.json")


@dataclass(frozen=True)
class Measured:
    """How many tests a group had, and the seconds that they took together, one after the other."""

    tests: int
    seconds: float


@dataclass(frozen=True)
class Forecast:
    """What each group took, on one day on one machine."""

    date: str
    machine: str
    groups: Mapping[str, Measured]

    @classmethod
    def load(cls, path: Path = FIGURES) -> Forecast:
        read = json.loads(path.read_text())
        return cls(read["date"], read["machine"], {name: Measured(**of) for name, of in read["groups"].items()})

    def line(self, counts: Mapping[str, int], processes: int = 1) -> str:
        """2,400 tests: 2,300 quick (50 s), 100 kafka (5 min); about 6 min in all."""
        spans = {name: self._seconds(name, tests) / processes for name, tests in counts.items()}
        parts = ", ".join(f"{tests:,} {name} ({_span(spans[name])})" for name, tests in counts.items())
        measured = f"as on {self.date}, {self.machine}"
        return f"{sum(counts.values()):,} tests: {parts}; about {_span(sum(spans.values()))} in all, {measured}"

    def _seconds(self, name: str, tests: int) -> float:
        """A group that was never measured counts nothing."""
        measured = self.groups.get(name)
        return measured.seconds / measured.tests * tests if measured else 0.0


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


class Recorder:
    """Writes what each group took in a run of all its tests; a group that isn't run whole keeps its figures."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial: set[str] = set()
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._partial.update(by_group(items))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        groups = dict(Forecast.load(self._path).groups) if self._path.exists() else {}
        for name, items in by_group(session.items).items():
            if name not in self._partial and all(item.nodeid in self._seconds for item in items):
                seconds = sum(self._seconds[item.nodeid] for item in items)
                groups[name] = Measured(len(items), round(seconds, 1))
        machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
        ordered = {name: groups[name] for name in GROUPS if name in groups}
        written = Forecast(f"{datetime.now(UTC):%Y-%m-%d}", machine, ordered)
        self._path.write_text(json.dumps(asdict(written), indent=2) + "\n")
