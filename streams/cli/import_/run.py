"""The work of `straymail import`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import click

from streams.cli.import_ import sinks
from streams.cli.import_.follow import check_can_follow, follow
from streams.cli.import_.plan import DEFAULT_PREFIX, Plan
from streams.cli.shared.problems import ProblemReport
from streams.cli.shared.progress import progress_bar
from streams.cli.shared.sources import summary, zone_named
from streams.clock import monotonic, now_ms
from streams.config import Settings, load_settings
from streams.counted import counted
from streams.kafka.topics.names import topic_names
from streams.sources.files import expand, size_of
from streams.sources.read import ReadSummary, read_files
from streams.sources.registry import source_named
from streams.sources.source import Source, SourceOptions


def run_import(plan: Plan) -> int:
    """Import the files as planned. Returns the exit code; raises UsageError, BrokerError."""
    plan.check()
    overrides = {} if plan.prefix is None else {"history": True}
    settings = load_settings(plan.config, overrides)
    if plan.prefix is not None:
        settings = load_settings(plan.config, {**overrides, "topic_prefix": plan.prefix + settings.topic_prefix})
    exit_code = _import(plan, settings) if plan.source is not None else 0
    if plan.finish:
        from streams.cli.import_.finish import finish_history

        finish_history(settings)
    return exit_code


def _import(plan: Plan, settings: Settings) -> int:
    options = SourceOptions(
        zone=zone_named(plan.timezone),
        year=plan.year,
        name=plan.name,
        own_networks=settings.own_networks,
        own_relays=settings.own_relays,
    )
    source, tally, on_problem = source_named(plan.source or "", options), ReadSummary(), ProblemReport()
    if plan.follow:
        check_can_follow(source)
    files = [] if plan.reads_on else expand(plan.files, source.framing)  # refused before Kafka is waited for
    begun = monotonic()
    with _sink(plan, settings) as sink:
        if plan.from_topic is not None:
            from streams.cli.import_.from_topic import import_topic

            import_topic(source, plan, settings, sink, tally, on_problem)
        elif plan.follow:
            follow(source, plan, sink, tally, on_problem)
        else:
            _read_all(source, files, sink, tally, on_problem)
        sink.flush()
        refused = sink.refused
    on_problem.report_rest()
    if refused:
        click.echo(f"straymail: the broker refused {counted(refused, 'event')} as too large", err=True)
    for line in summary(source, tally, monotonic() - begun, plan.files):
        click.echo(line, err=True)
    if tally.events and not plan.to_lines:
        click.echo(_destination(plan, settings), err=True)
    return 1 if tally.problems or refused else 0


def _destination(plan: Plan, settings: Settings) -> str:
    """A line that says where the events are now, and what they wait for there."""
    events = topic_names(settings).events
    if plan.prefix is None:
        return f"sent to {events} as live mail: the workers of that topic score it"
    workers = f"workers with STRAYMAIL_TOPIC_PREFIX={settings.topic_prefix} and STRAYMAIL_HISTORY=true"
    if plan.finish:
        return f"sent to {events}: waiting for {workers} to read it"
    chosen = "" if plan.prefix == DEFAULT_PREFIX else f" --prefix {plan.prefix}"
    return f"sent to {events}, which {workers} read; straymail import --finish{chosen} then ends the history"


def _sink(plan: Plan, settings: Settings) -> AbstractContextManager[sinks.Sink]:
    return sinks.json_lines(plan.output) if plan.to_lines else sinks.kafka(settings)


def _read_all(
    source: Source, files: Sequence[str], sink: sinks.Sink, tally: ReadSummary, on_problem: ProblemReport
) -> None:
    with progress_bar(size_of(files), "records") as advance:
        events = read_files(
            source,
            files,
            tally,
            on_problem,
            now_ms=now_ms(),
            on_progress=lambda done: advance(done, tally.records),
        )
        for event in events:
            sink.send(event)
