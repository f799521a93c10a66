"""Output of `check`, `topics` and `watchlist lint`: a line for each item checked, with its level and a remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.cli.shared.output import json_wanted, write_json
from streams.events.safe_text import clean

Level = Literal["ok", "warning", "error"]
STYLES: dict[Level, str] = {"ok": "green", "warning": "yellow", "error": "bold red"}


@dataclass(frozen=True, slots=True)
class CheckLine:
    """Result for one item checked. `remedy` is what to do about it, empty if there is nothing to do."""

    level: Level
    subject: str
    what: str
    remedy: str = ""


def show_checks(lines: Iterable[CheckLine], *, as_json: bool) -> None:
    """Write each line to stdout as soon as it is known, as JSON or as text for people."""
    if json_wanted(as_json):
        for line in lines:
            write_json(asdict(line))
        return
    console = Console()
    for line in lines:
        console.print(_row(line))


def _row(line: CheckLine) -> Table:
    row = Table.grid(padding=(0, 1, 0, 0), expand=True)
    row.add_column(width=7)
    row.add_column(ratio=1, overflow="fold")
    text = f"{line.subject}: {line.what}{f': {line.remedy}' if line.remedy else ''}"
    row.add_row(Text(line.level, style=STYLES[line.level]), Text(clean(text)))
    return row
