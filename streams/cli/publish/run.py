"""The work of `straymail publish`: sends lines to mail.events, after checking that each is a mail event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import click
import orjson

from streams.cli.publish.lines import Line, read_lines
from streams.cli.shared.problems import ProblemReport, print_error
from streams.cli.shared.progress import Advance, progress_bar
from streams.clock import monotonic, now_ms
from streams.config import Settings
from streams.counted import counted
from streams.data.samples import sample_events
from streams.errors import UnreadableRecord
from streams.events.mail import decode
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import topic_names
from streams.sources.files import OnProblem, Problem, expand, size_of

PROGRESS_EACH = 1_000
"""The number of lines between two updates of the progress bar, since an update costs more than a line."""


@dataclass(slots=True)
class PublishResult:
    """How many lines were sent, unreadable, or refused by the broker (`refusal` is its last reason).

    `seconds` is the time from the first line to the last acknowledgement.
    """

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
    """Send each line that is a mail event, and report the others to `on_problem`; `raw` sends those too.

    Raises BrokerError.
    """
    result, begun = PublishResult(), monotonic()
    key_of = lru_cache(100_000)(_digest(settings))
    with SyncProducer(settings, topic_names(settings).events, compression=compression) as producer:
        for line in lines:
            try:
                event = decode(line.value, now_ms=None if settings.history else now_ms())
            except UnreadableRecord as error:
                result.unreadable += 1
                detail = f"{error.detail} (sent anyway)" if raw else error.detail
                on_problem(Problem(line.file, line.number, error.reason, detail))
                if raw:
                    producer.send(line.value)
                continue
            producer.send(line.value, key=None if event.is_bounce else key_of(event.sender))
    result.sent, result.refused, result.refusal = producer.acknowledged, producer.refused, producer.refusal
    result.seconds = monotonic() - begun
    return result


def publish_files(files: tuple[str, ...], settings: Settings, *, raw: bool, compression: str) -> int:
    """Send the lines of the files, or the sample if there are none, and print a summary.

    Returns the exit code; raises UsageError for a missing file, BrokerError.
    """
    problems = ProblemReport()
    present = expand(files, "lines") if files else []
    with progress_bar(size_of(present), "lines") as advance:
        lines = read_lines(present, _each_thousand(advance)) if present else sample_lines(now_ms())
        published = publish_lines(lines, settings, problems, raw=raw, compression=compression)
    problems.report_rest()
    if published.refused:
        print_error(f"the broker refused {counted(published.refused, 'record')}: {published.refusal}")
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
    """Called for each line with the bytes read so far; updates the progress bar once in `PROGRESS_EACH` lines."""
    lines = 0

    def count(done_bytes: int) -> None:
        nonlocal lines
        lines += 1
        if lines % PROGRESS_EACH == 0:
            advance(done_bytes, lines)

    return count
