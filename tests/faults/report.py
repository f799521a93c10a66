"""`python -m tests.faults.report`: prints build/faults.json as the tables of docs/reliability.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.faults.__main__ import OUT

COLUMNS = (
    "events",
    "bad",
    "dead letters",
    "hits",
    "hits published",
    "findings",
    "alerts",
    "alerts published",
    "peak MB",
    "seconds",
)
SHOWN = frozenset({"passed", "what", "failure", *COLUMNS})


def report(run: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the report; `run` is the content of faults.json."""
    about, scenarios = run["about"], run["scenarios"]
    yield (
        f"{about['date']}, seed {about['seed']}, {about['events']:,} events a scenario, "
        f"{about['at_once']} at once, {about['cpus']} CPUs, {about['memory_mb'] // 1024} GB, Python {about['python']}"
    )
    yield ""
    yield f"| Scenario | What is done | Passed | {' | '.join(COLUMNS)} | More |"
    yield "|---|---|---|" + "---:|" * len(COLUMNS) + "---|"
    for name, result in scenarios.items():
        cells = " | ".join(f"{result[column]:,}" if column in result else "" for column in COLUMNS)
        more = ", ".join(f"{name} {value:,}" for name, value in result.items() if name not in SHOWN and value)
        yield f"| {name} | {result['what']} | {'yes' if result['passed'] else 'no'} | {cells} | {more} |"


if __name__ == "__main__":
    print("\n".join(report(json.loads(OUT.read_text()))))
