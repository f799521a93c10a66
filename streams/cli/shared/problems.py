"""Reports on stderr of records that can't be read."""

from __future__ import annotations

import click

from streams.counted import counted
from streams.events.safe_text import clean
from streams.sources.files import Problem

SHOWN = 20
"""Number of problems that are printed one by one; further ones are only counted."""


def print_error(message: str) -> None:
    """Write one line to stderr, with unsafe characters of the message escaped."""
    click.echo(f"straymail: {clean(message)}", err=True)


class ProblemReport:
    """Prints the first problems, each with file and line, and counts the others."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, problem: Problem) -> None:
        """Print a problem, or only count it."""
        self._count += 1
        if self._count <= SHOWN:
            print_error(f"{problem.place}: {problem.reason}: {problem.detail}")

    def report_rest(self) -> None:
        """Print how many problems were only counted."""
        if self._count > SHOWN:
            print_error(counted(self._count - SHOWN, "more problem"))
