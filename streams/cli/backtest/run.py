"""The work of `straymail backtest`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click

from streams.backtest.groups import SenderGroups, read_groups
from streams.backtest.registration import ranked
from streams.backtest.run import Result, backtest
from streams.backtest.score import ScoringPlan
from streams.cli.backtest.summary import as_json, print_summary
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.problems import ProblemReport, print_error
from streams.cli.shared.progress import Advance, progress_bar
from streams.cli.shared.sources import summary, zone_named
from streams.clock import monotonic, now_ms, today
from streams.config import Settings, load_settings
from streams.domains.watchlist.file import read_watchlist
from streams.events.mail import encode
from streams.files import check_folder, create_private
from streams.sources.files import Problem, expand, records, size_of
from streams.sources.read import ReadSummary, read_files
from streams.sources.registry import source_named
from streams.sources.source import Source, SourceOptions

BATCH = 4_000
DOMAINS_ASKED = 200
"""The worst leaks, about which DNS is asked: those that the report shows."""
RAW = "jsonl"
"""Source whose records are mail events already, so that the scoring processes can decode them."""
Places = tuple[str, list[int]]
Batch = tuple[Places, list[bytes]]


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """Arguments of `straymail backtest`."""

    source: str
    files: tuple[str, ...]
    config: Path | None = None
    as_json: bool = False
    watchlist: Path | None = None
    report: Path | None = None
    title: str = "Mail to mistyped domains"
    alerts: Path | None = None
    groups: Path | None = None
    jobs: int | None = None
    timezone: str | None = None
    year: int | None = None


def run_backtest(request: BacktestRequest) -> int:
    """Run a backtest and print its summary. Returns the exit code; raises UsageError."""
    if request.report is not None:
        from streams.backtest.report import write_report  # fails here, before the long run, if a library is missing

        check_folder(request.report)
    settings = load_settings(request.config, {"watchlist": request.watchlist} if request.watchlist else None)
    if settings.dns.enabled:
        from streams.dns.lookup import facts_now  # fails here, too
    groups = SenderGroups() if request.groups is None else read_groups(request.groups)
    plan = ScoringPlan(settings, read_watchlist(settings.watchlist_path, today=today()), groups)
    options = SourceOptions(
        zone=zone_named(request.timezone),
        year=request.year,
        own_networks=settings.own_networks,
        own_relays=settings.own_relays,
    )
    source = source_named(request.source, options)
    tally, on_problem, begun = ReadSummary(), ProblemReport(), monotonic()
    result = _run(request, plan, source, tally, on_problem)
    on_problem.report_rest()
    if settings.dns.enabled:
        leaks = ranked(result.totals.domains.values())[:DOMAINS_ASKED]
        result.dns_facts = facts_now([leak.tally.domain for leak in leaks], settings.dns)
    _print_result(request, result, settings)
    if request.report is not None:
        write_report(request.report, result, plan, print_error, title=request.title, made_ms=now_ms())
    for line in summary(source, tally, monotonic() - begun, request.files):
        click.echo(line, err=True)
    return 1 if tally.problems else 0


def _run(
    request: BacktestRequest, plan: ScoringPlan, source: Source, tally: ReadSummary, on_problem: ProblemReport
) -> Result:
    files = expand(request.files, source.framing)

    def report(problem: Problem) -> None:
        tally.problems[problem.reason] += 1
        on_problem(problem)

    def unreadable(places: object, index: int, reason: str, detail: str) -> None:
        file, numbers = places if isinstance(places, tuple) else ("", [])
        tally.events -= 1
        report(Problem(file, numbers[index], reason, detail))

    with ExitStack() as opened:
        advance = opened.enter_context(progress_bar(size_of(files), "records"))
        on_alert = _alert_writer(request.alerts, opened)
        jobs = request.jobs or len(os.sched_getaffinity(0))
        if source.kind == RAW:
            batches = _raw_batches(files, tally, report, advance)
        else:
            batches = _event_batches(source, files, tally, on_problem, advance)
        return backtest(batches, plan, jobs=jobs, on_unreadable=unreadable, on_alert=on_alert)


def _raw_batches(
    files: Iterable[str], tally: ReadSummary, report: Callable[[Problem], None], advance: Advance
) -> Iterator[Batch]:
    done = 0
    for file in files:
        at = 0

        def progress(read: int, done: int = done) -> None:
            nonlocal at
            at = read
            advance(done + read, tally.records)

        lines = records(file, "lines", report, progress)
        while batch := list(islice(lines, BATCH)):
            tally.records += len(batch)
            tally.events += len(batch)
            yield (file, [line.number for line in batch]), [line.value for line in batch]
        done += at


def _event_batches(
    source: Source, files: list[str], tally: ReadSummary, on_problem: ProblemReport, advance: Advance
) -> Iterator[Batch]:
    events = read_files(
        source, files, tally, on_problem, now_ms=now_ms(), on_progress=lambda done: advance(done, tally.records)
    )
    while batch := [encode(event) for event in islice(events, BATCH)]:
        yield (source.kind, [0] * len(batch)), batch


def _alert_writer(path: Path | None, opened: ExitStack) -> Callable[[bytes], Any]:
    if path is None:
        return lambda _: None
    file = opened.enter_context(create_private(path, print_error))
    return lambda alert: file.write(alert + b"\n")


def _print_result(request: BacktestRequest, result: Result, settings: Settings) -> None:
    if json_wanted(request.as_json):
        write_json(as_json(result, settings.scorer.typo))
    else:
        print_summary(result, settings.scorer.typo)
