"""The work of `straymail import`."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from streams.cli.import_ import sinks
from streams.cli.shared.progress import progress_bar
from streams.clock import monotonic, now_ms
from streams.config import Settings, load_settings
from streams.errors import UsageError
from streams.events.safe_text import clean
from streams.sources.files import Problem, expand, size_of
from streams.sources.read import Tally, read_files
from streams.sources.registry import source_named
from streams.sources.source import Source, SourceOptions

TOLD = 20
"""So many records that could not be read are told one by one, the others are counted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked for. `prefix` goes before the pipeline's own topic prefix; None for live mail."""

    source: str | None
    files: tuple[str, ...]
    config: Path | None = None
    to_lines: bool = False
    output: Path | None = None
    prefix: str | None = None
    finish: bool = False
    follow: bool = False
    position: Path | None = None
    from_start: bool = False
    timezone: str | None = None
    year: int | None = None
    name: str | None = None

    def check(self) -> None:
        """Raises UsageError for what doesn't go together."""
        if not self.files and not (self.finish and self.source is None):
            raise UsageError("name a SOURCE and its FILES (- for stdin), or --finish alone")
        if self.finish and (self.prefix is None or self.to_lines):
            raise UsageError("--finish ends a history in Kafka: it doesn't go with live mail, --dry-run or -o")
        if self.follow and (len(self.files) != 1 or self.files[0] == "-"):
            raise UsageError("--follow reads one file, which is not stdin")
        if self.follow and self.position is None:
            raise UsageError("--follow needs --position FILE, to go on from there when it is started again")
        if not self.follow and (self.position is not None or self.from_start):
            raise UsageError("--position and --from-start go with --follow")


def run_import(plan: Plan) -> int:
    """Returns the exit status. Raises UsageError, BrokerError."""
    plan.check()
    overrides = {} if plan.prefix is None else {"history": True}
    settings = load_settings(plan.config, overrides)
    if plan.prefix is not None:
        settings = load_settings(plan.config, {**overrides, "topic_prefix": plan.prefix + settings.topic_prefix})
    status = _import(plan, settings) if plan.source is not None else 0
    if plan.finish:
        from streams.cli.import_.finish import finish_history

        finish_history(settings)
    return status


def _import(plan: Plan, settings: Settings) -> int:
    options = SourceOptions(zone=zone_named(plan.timezone), year=plan.year, name=plan.name)
    source, tally, complaints = source_named(plan.source or "", options), Tally(), Complaints()
    begun = monotonic()
    with _sink(plan, settings) as sink:
        if plan.follow:
            from streams.cli.import_.follow import follow

            follow(source, plan, sink, tally, complaints)
        else:
            _read_all(source, plan, sink, tally, complaints)
        sink.flush()
        refused = sink.refused
    complaints.rest()
    if refused:
        click.echo(f"straymail: the broker refused {refused:,} events as too large", err=True)
    for line in summary(source, tally, monotonic() - begun):
        click.echo(line, err=True)
    return 1 if tally.problems or refused else 0


def _sink(plan: Plan, settings: Settings) -> AbstractContextManager[sinks.Sink]:
    return sinks.json_lines(plan.output) if plan.to_lines else sinks.kafka(settings)


def _read_all(source: Source, plan: Plan, sink: sinks.Sink, tally: Tally, complaints: Complaints) -> None:
    files = expand(plan.files, source.framing)
    with progress_bar(size_of(files), "records") as advance:
        events = read_files(
            source,
            files,
            tally,
            complaints,
            now_ms=now_ms(),
            on_progress=lambda done: advance(done, tally.records),
        )
        for event in events:
            sink.send(event)


class Complaints:
    """Tells the first problems on stderr, each with its place, and counts the others."""

    def __init__(self, say: Callable[[str], None] | None = None) -> None:
        self._say = say or (lambda text: click.echo(f"straymail: {clean(text)}", err=True))
        self._count = 0

    def __call__(self, problem: Problem) -> None:
        """Tell a problem, or count it."""
        self._count += 1
        if self._count <= TOLD:
            self._say(f"{problem.place}: {problem.reason}: {problem.detail}")

    def rest(self) -> None:
        """Tell how many were not told."""
        if self._count > TOLD:
            self._say(f"{self._count - TOLD:,} more problems")


def summary(source: Source, tally: Tally, seconds: float) -> list[str]:
    """What was read, what was left out and why."""
    rate = tally.records / seconds if seconds else 0
    span = ""
    if tally.first_ms is not None and tally.last_ms is not None:
        span = f" from {_day(tally.first_ms)} to {_day(tally.last_ms)}"
    lines = [
        f"{tally.records:,} records read in {seconds:.1f} s ({rate:,.0f} a second): {tally.events:,} mail events{span}"
    ]
    if source.skipped:
        lines.append("skipped: " + ", ".join(f"{count:,} {what}" for what, count in source.skipped.most_common()))
    if tally.problems:
        told = ", ".join(f"{count:,} {reason}" for reason, count in tally.problems.most_common())
        lines.append(f"could not be read: {told}")
    return lines


def zone_named(name: str | None) -> tzinfo:
    """A time zone by its name; this machine's where none is given. Raises UsageError where there is none of it."""
    name = name or os.environ.get("TZ", "").removeprefix(":") or None
    if name is not None:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(f"there is no time zone {name!r}: name one such as Europe/London or UTC") from None
    try:
        with Path("/etc/localtime").open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC


def _day(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).date().isoformat()
