"""A progress bar on stderr, for commands that read files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from streams.clock import monotonic

Advance = Callable[[int, int], None]
"""Called with the bytes of the files and the number of records read so far."""


@contextmanager
def progress_bar(total_bytes: int | None, what: str) -> Iterator[Advance]:
    """Progress bar with rate and time left; shows nothing if stderr is not a terminal. `what` names the records."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _bytes, _records: None
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task, begun = progress.add_task("", total=total_bytes, rate=""), monotonic()

        def advance(done_bytes: int, records: int) -> None:
            rate = records / max(monotonic() - begun, 0.001)
            progress.update(task, completed=done_bytes, rate=f"{records:,} {what}, {rate:,.0f} a second")

        yield advance
