"""The work of `straymail import --follow`: reads a growing log, and saves its position once all before it is sent."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING

from streams.cli.shared.problems import print_error
from streams.clock import monotonic
from streams.errors import UsageError
from streams.files import warn_of_readers
from streams.sources.files import Problem
from streams.sources.follow import Tail, load_position, save_position
from streams.sources.read import ReadSummary, read_record
from streams.sources.record import Record
from streams.sources.source import Source

if TYPE_CHECKING:
    from streams.cli.import_.plan import Plan
    from streams.cli.import_.sinks import Sink
    from streams.cli.shared.problems import ProblemReport

POLL_S = 0.25
SAVE_S = 2.0


def check_can_follow(source: Source) -> None:
    """Raise UsageError for a source whose files don't grow line by line."""
    if source.framing != "lines":
        raise UsageError(f"{source.kind} can't be followed: its files are not written line by line")


def follow(source: Source, plan: Plan, sink: Sink, tally: ReadSummary, on_problem: ProblemReport) -> None:
    """Read a growing log until SIGINT or SIGTERM. After a crash, lines since the last saved position are sent again.

    Raises UsageError, BrokerError.
    """
    with stop_at_signals() as stop:
        _LogFollower(source, plan, sink, tally, on_problem).run(stop)


@contextmanager
def stop_at_signals() -> Iterator[Event]:
    """An event that SIGINT and SIGTERM set meanwhile."""
    stop = Event()
    previous = {number: signal.signal(number, _setter(stop)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


class _LogFollower:
    def __init__(self, source: Source, plan: Plan, sink: Sink, tally: ReadSummary, on_problem: ProblemReport) -> None:
        self._source, self._sink, self._tally, self._on_problem = source, sink, tally, on_problem
        self._position_file = plan.position or Path()
        warn_of_readers(self._position_file, print_error)
        position = load_position(self._position_file)
        self._tail = Tail(Path(plan.files[0]), self._report, position, from_start=plan.from_start)
        source.begin_file(self._tail.modified_ms)
        if position is not None and position.state is not None:
            source.resume(position.state.encode())
        self._is_dirty = True

    def run(self, stop: Event) -> None:
        last_line_s = saved_s = monotonic()
        while not stop.is_set():
            lines = self._tail.read()
            for line in lines:
                self._read(line)
            now_s = monotonic()
            if lines:
                last_line_s, self._is_dirty = now_s, True
            else:
                self._settle(int((now_s - last_line_s) * 1000))
                stop.wait(POLL_S)
            if now_s - saved_s >= SAVE_S:
                self._save()
                saved_s = now_s
        self._save()
        self._tail.close()

    def _read(self, line: Record) -> None:
        for event in read_record(self._source, line.value, self._tail.name, line.number, self._tally, self._report):
            self._sink.send(event)

    def _settle(self, idle_ms: int) -> None:
        for event in self._source.settle(idle_ms):
            self._tally.count(event)
            self._sink.send(event)
            self._is_dirty = True

    def _save(self) -> None:
        if not self._is_dirty:
            return
        self._sink.flush()
        state = self._source.state()
        save_position(self._position_file, self._tail.position(None if state is None else state.decode()))
        self._is_dirty = False

    def _report(self, problem: Problem) -> None:
        self._tally.problems[problem.reason] += 1
        self._on_problem(problem)


def _setter(stop: Event) -> Callable[[int, FrameType | None], None]:
    return lambda _number, _frame: stop.set()
