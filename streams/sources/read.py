"""Reads whole files through a source: returns mail events, and counts what was read and what was skipped, and why."""

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
    """Counts of what was read. `problems` counts what could not be read, by reason; `first_ms` and `last_ms` are the
    earliest and the latest time of an event, in ms since the epoch."""

    records: int = 0
    events: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    first_ms: int | None = None
    last_ms: int | None = None

    def count(self, event: MailEvent) -> None:
        """Count one event."""
        time_ms = event.time_ms
        self.events += 1
        if self.first_ms is None or time_ms < self.first_ms:
            self.first_ms = time_ms
        if self.last_ms is None or time_ms > self.last_ms:
            self.last_ms = time_ms


def read_files(
    source: Source,
    names: Sequence[str],
    summary: ReadSummary,
    on_problem: OnProblem,
    *,
    now_ms: int,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Iterator[MailEvent]:
    """The events of the files; rotated ones may be named in any order.

    `now_ms` stands for the modification time of stdin. `on_progress` gets the bytes read so far, of all files together.
    Raises UsageError, before the first event, for a file that can't be opened.
    """

    def report(problem: Problem) -> None:
        summary.problems[problem.reason] += 1
        on_problem(problem)

    done = 0
    for name in in_order(expand(names, source.framing), source):
        source.begin_file(now_ms if name == STDIN else modified_ms(name))
        shown = "stdin" if name == STDIN else name
        at = [0]

        def progress(read: int, done: int = done, at: list[int] = at) -> None:
            at[0] = read
            on_progress(done + read)

        for record in records(name, source.framing, report, progress):
            yield from read_record(source, record.value, shown, record.number, summary, report)
        done += at[0]
    for event in source.finish():
        summary.count(event)
        yield event


def read_record(
    source: Source, value: bytes, file: str, number: int, summary: ReadSummary, on_problem: OnProblem
) -> Iterator[MailEvent]:
    """The events of one record; a record that can't be read is reported with its file and line number."""
    summary.records += 1
    if len(value) > source.record_bytes:
        on_problem(Problem(file, number, "too-long", f"The record is longer than {source.record_bytes // 1024} kB."))
        return
    try:
        for event in source.read(value):
            summary.count(event)
            yield event
    except UnreadableRecord as error:
        on_problem(Problem(file, number, error.reason, error.detail))
