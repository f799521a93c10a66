"""Mail events from lines into mail.events: each is read first, so that what nobody could read isn't sent unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from streams.cli.publish.lines import Line, read_lines, size_of
from streams.clock import monotonic, now_ms
from streams.config import Settings
from streams.data.samples import sample_events
from streams.errors import UnreadableRecord
from streams.events.mail import decode
from streams.events.privacy import Privacy
from streams.events.safe_text import clean
from streams.kafka.clients.sync_producer import Sender
from streams.kafka.topics.names import topic_names

TOLD = 20
"""So many unreadable lines are told one by one, the others are counted."""
PROGRESS_EACH = 1_000
"""Progress is shown once in so many lines, for it costs more than a line."""


@dataclass(slots=True)
class Published:
    """What became of the lines. `seconds` is the time from the first line to the last acknowledgement."""

    sent: int = 0
    unreadable: int = 0
    refused: int = 0
    refusal: str = ""
    seconds: float = 0.0


def sample_lines(at_ms: int) -> Iterator[Line]:
    """The sample mail, dated within the 36 hours before `at_ms`."""
    for number, event in enumerate(sample_events(at_ms), start=1):
        yield Line("the sample", number, orjson.dumps(event))


def publish_lines(
    lines: Iterable[Line],
    settings: Settings,
    complain: Callable[[str], None],
    *,
    raw: bool = False,
    compression: str = "lz4",
) -> Published:
    """Send each line that is a mail event, with `raw` the others too; `complain` is told those. Raises BrokerError."""
    published, begun = Published(), monotonic()
    key_of = lru_cache(100_000)(_digest(settings))
    with Sender(settings, topic_names(settings).events, compression=compression) as sender:
        for line in lines:
            try:
                event = decode(line.value, now_ms=None if settings.history else now_ms())
            except UnreadableRecord as error:
                published.unreadable += 1
                if published.unreadable <= TOLD:
                    complain(f"{line.place}: {error}{' (sent all the same)' if raw else ''}")
                if raw:
                    sender.send(line.value)
                continue
            sender.send(line.value, key=None if event.is_bounce else key_of(event.sender))
    published.sent, published.refused, published.refusal = sender.taken, sender.refused, sender.refusal
    published.seconds = monotonic() - begun
    return published


def publish_files(files: tuple[str, ...], settings: Settings, *, raw: bool, compression: str) -> int:
    """The work of `straymail publish`; no files mean the sample. Returns the exit status."""
    with _progress(size_of(files)) as advance:
        lines = read_lines(files, advance) if files else sample_lines(now_ms())
        published = publish_lines(lines, settings, _complain, raw=raw, compression=compression)
    if published.unreadable > TOLD:
        _complain(f"{published.unreadable - TOLD:,} more lines are unreadable")
    if published.refused:
        _complain(f"the broker refused {published.refused:,} records: {published.refusal}")
    rate = published.sent / published.seconds if published.seconds else 0
    click.echo(
        f"{published.sent:,} sent in {published.seconds:.1f} s ({rate:,.0f} a second), "
        f"{published.unreadable:,} unreadable, {published.refused:,} refused",
        err=True,
    )
    return 1 if published.unreadable or published.refused else 0


def _digest(settings: Settings) -> Callable[[str], bytes]:
    privacy = Privacy(settings.privacy.secret())
    return lambda sender: privacy.digest(sender).encode()


def _complain(message: str) -> None:
    click.echo(f"straymail: {clean(message)}", err=True)


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr where that is a terminal; gives what is to be called with the bytes done so far, once a line."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rate]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=total, rate="")
        begun, lines = monotonic(), 0

        def advance(done: int) -> None:
            nonlocal lines
            lines += 1
            if lines % PROGRESS_EACH == 0:
                rate = lines / max(monotonic() - begun, 0.001)
                progress.update(task, completed=done, rate=f"{lines:,} lines, {rate:,.0f} a second")

        yield advance
