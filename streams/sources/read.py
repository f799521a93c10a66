"""Reads whole files through a source: mail events out, and a tally of what was read, skipped and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from streams.errors import UnreadableRecord
from streams.events.mail import MailEvent
from streams.sources.files import STDIN, OnProblem, Problem, expand, in_order, modified_ms, records
from streams.sources.source import Source


@dataclass
class ReadSummary:
    """What became of the records. `problems` counts what could not be read, by reason."""

    records: int = 0
    events: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    first_ms: int | None = None
    last_ms: int | None = None

    def saw(self, event: MailEvent) -> None:
        """Count an event in."""
        time_ms = event.time_ms
        self.events += 1
        if self.first_ms is None or time_ms < self.first_ms:
            self.first_ms = time_ms
        if self.last_ms is None or time_ms > self.last_ms:
            self.last_ms = time_ms


def read_files(
    source: Source,
    names: Sequence[str],
    tally: ReadSummary,
    on_problem: OnProblem,
    *,
    now_ms: int,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Iterator[MailEvent]:
    """The events of the files, of which rotated ones may be named in any order.

    `now_ms` is the age of what comes by stdin. `on_progress` is told the bytes that were read of all files together.
    Raises UsageError, before the first event, for a file that can't be opened.
    """

    def tell(problem: Problem) -> None:
        tally.problems[problem.reason] += 1
        on_problem(problem)

    done = 0
    for name in in_order(expand(names, source.framing), source):
        source.begin_file(now_ms if name == STDIN else modified_ms(name))
        at = [0]

        def progress(read: int, done: int = done, at: list[int] = at) -> None:
            at[0] = read
            on_progress(done + read)

        for record in records(name, source.framing, tell, progress):
            yield from read_record(source, record.value, "stdin" if name == STDIN else name, record.number, tally, tell)
        done += at[0]
    for event in source.rest():
        tally.saw(event)
        yield event


def read_record(
    source: Source, value: bytes, file: str, number: int, tally: ReadSummary, on_problem: OnProblem
) -> Iterator[MailEvent]:
    """The events of one record; one that can't be read is told with its place."""
    tally.records += 1
    try:
        for event in source.read(value):
            tally.saw(event)
            yield event
    except UnreadableRecord as error:
        on_problem(Problem(file, number, error.reason, error.detail))
