"""What `check` and `topics` find, line by line: ok, warning or error, and what to do."""

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
class Checked:
    """One thing that was looked at. `remedy` says what to do and is empty where there is nothing to do."""

    level: Level
    subject: str
    what: str
    remedy: str = ""


def show_checks(checks: Iterable[Checked], *, as_json: bool) -> None:
    """Write them to stdout as they come: JSON lines, or lines for people."""
    if json_wanted(as_json):
        for checked in checks:
            write_json(asdict(checked))
        return
    console = Console()
    for checked in checks:
        console.print(_row(checked))


def _row(checked: Checked) -> Table:
    row = Table.grid(padding=(0, 1, 0, 0), expand=True)
    row.add_column(width=7)
    row.add_column(ratio=1, overflow="fold")
    told = f"{checked.subject}: {checked.what}{f': {checked.remedy}' if checked.remedy else ''}"
    row.add_row(Text(checked.level, style=STYLES[checked.level]), Text(clean(told)))
    return row
