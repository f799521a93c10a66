"""Problems of records, reported on stderr."""

from __future__ import annotations

import click

from streams.events.safe_text import clean
from streams.sources.files import Problem

SHOWN = 20
"""So many problems are shown one by one, the others are counted."""


def say(message: str) -> None:
    """One line on stderr, safe for a terminal whatever is in it."""
    click.echo(f"straymail: {clean(message)}", err=True)


class ProblemReport:
    """Shows the first problems, each with its place, and counts the others."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, problem: Problem) -> None:
        """Show a problem, or count it."""
        self._count += 1
        if self._count <= SHOWN:
            say(f"{problem.place}: {problem.reason}: {problem.detail}")

    def rest(self) -> None:
        """Report how many were not shown."""
        if self._count > SHOWN:
            say(f"{self._count - SHOWN:,} more problems")
