"""Reading mail logs through a source: events, time zone, and the summary of what was read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from streams.cli.shared.problems import ProblemReport
from streams.cli.shared.progress import progress_bar
from streams.clock import now_ms
from streams.counted import counted, most_first
from streams.did_you_mean import did_you_mean
from streams.errors import UsageError
from streams.events.mail import MailEvent
from streams.sources.files import STDIN, expand, size_of
from streams.sources.likely import likely_source
from streams.sources.read import ReadSummary, read_files
from streams.sources.source import Source


def summary(source: Source, tally: ReadSummary, seconds: float, files: Sequence[str]) -> list[str]:
    """Lines that report what was read and in how many seconds, what was skipped and what could not be read; and where
    no mail was found, which source the first file is likely for."""
    rate = tally.records / seconds if seconds else 0
    span = ""
    if tally.first_ms is not None and tally.last_ms is not None:
        span = f" from {day_of(tally.first_ms)} to {day_of(tally.last_ms)}"
    lines = [
        f"{counted(tally.records, 'record')} read in {seconds:.1f} s ({rate:,.0f} a second): "
        f"{counted(tally.events, 'mail event')}{span}"
    ]
    if source.skipped:
        lines.append("skipped: " + ", ".join(f"{what} ({count:,})" for what, count in most_first(source.skipped)))
    if tally.problems:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in most_first(tally.problems))
        lines.append(f"could not be read: {reasons}")
    if tally.records and not tally.events and (other := _other_source(source, files)):
        lines.append(f"straymail: no mail was found, and {files[0]} reads as a log for the source {other}")
    return lines


def _other_source(source: Source, files: Sequence[str]) -> str | None:
    is_file = bool(files) and STDIN not in files and Path(files[0]).is_file()
    return likely_source(files[0], other_than=source.kind) if is_file else None


def zone_named(name: str | None) -> tzinfo:
    """The time zone with this name, by default this machine's. Raises UsageError if the name is unknown."""
    name = name or os.environ.get("TZ", "").removeprefix(":") or None
    if name is not None:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            remedy = did_you_mean(name, available_timezones()) or "name one such as Europe/London or UTC"
            raise UsageError(f"there is no time zone {name!r}: {remedy}") from None
    try:
        with Path("/etc/localtime").open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC


def day_of(time_ms: int) -> str:
    """Date in UTC of a time in ms since the epoch, such as 2026-11-24."""
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC).date().isoformat()


def read_events(
    source: Source, names: tuple[str, ...], tally: ReadSummary, on_problem: ProblemReport, opened: ExitStack
) -> Iterator[MailEvent]:
    """The events of the named files, with a progress bar that is closed with `opened`."""
    files = expand(names, source.framing)
    advance = opened.enter_context(progress_bar(size_of(files), "records"))
    return read_files(
        source, files, tally, on_problem, now_ms=now_ms(), on_progress=lambda done: advance(done, tally.records)
    )
