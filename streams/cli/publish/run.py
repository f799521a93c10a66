"""Mail events from lines into mail.events: each is read first, so that what nobody could read isn't sent unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import click
import orjson

from streams.cli.publish.lines import Line, read_lines
from streams.cli.shared.problems import ProblemReport, say
from streams.cli.shared.progress import Advance, progress_bar
from streams.clock import monotonic, now_ms
from streams.config import Settings
from streams.data.samples import sample_events
from streams.errors import UnreadableRecord
from streams.events.mail import decode
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import topic_names
from streams.sources.files import OnProblem, Problem, size_of

PROGRESS_EACH = 1_000
"""Progress is shown once in so many lines, for it costs more than a line."""


@dataclass(slots=True)
class PublishResult:
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
    on_problem: OnProblem,
    *,
    raw: bool = False,
    compression: str = "lz4",
) -> PublishResult:
    """Send each line that is a mail event, with `raw` the others too; those are problems. Raises BrokerError."""
    published, begun = PublishResult(), monotonic()
    key_of = lru_cache(100_000)(_digest(settings))
    with SyncProducer(settings, topic_names(settings).events, compression=compression) as sender:
        for line in lines:
            try:
                event = decode(line.value, now_ms=None if settings.history else now_ms())
            except UnreadableRecord as error:
                published.unreadable += 1
                detail = f"{error.detail} (sent all the same)" if raw else error.detail
                on_problem(Problem(line.file, line.number, error.reason, detail))
                if raw:
                    sender.send(line.value)
                continue
            sender.send(line.value, key=None if event.is_bounce else key_of(event.sender))
    published.sent, published.refused, published.refusal = sender.acknowledged, sender.refused, sender.refusal
    published.seconds = monotonic() - begun
    return published


def publish_files(files: tuple[str, ...], settings: Settings, *, raw: bool, compression: str) -> int:
    """The work of `straymail publish`; no files mean the sample. Returns the exit status."""
    problems = ProblemReport()
    with progress_bar(size_of(files), "lines") as advance:
        lines = read_lines(files, _each_thousand(advance)) if files else sample_lines(now_ms())
        published = publish_lines(lines, settings, problems, raw=raw, compression=compression)
    problems.rest()
    if published.refused:
        say(f"the broker refused {published.refused:,} records: {published.refusal}")
    rate = published.sent / published.seconds if published.seconds else 0
    click.echo(
        f"{published.sent:,} sent in {published.seconds:.1f} s ({rate:,.0f} a second), "
        f"{published.unreadable:,} unreadable, {published.refused:,} refused",
        err=True,
    )
    return 1 if published.unreadable or published.refused else 0


def _digest(settings: Settings) -> Callable[[str], bytes]:
    privacy = settings.privacy.privacy()
    return lambda sender: privacy.digest(sender).encode()


def _each_thousand(advance: Advance) -> Callable[[int], None]:
    """Counts lines, each reported with the bytes done so far; updates the bar now and then, as that costs more."""
    lines = 0

    def count(done_bytes: int) -> None:
        nonlocal lines
        lines += 1
        if lines % PROGRESS_EACH == 0:
            advance(done_bytes, lines)

    return count
