"""The work of `straymail learn`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import click

from streams.cli.shared.problems import ProblemReport, print_error
from streams.cli.shared.sources import day_of, read_events, summary, zone_named
from streams.clock import monotonic, now_ms, today
from streams.config import Settings, load_settings
from streams.counted import counted
from streams.detection.detector import Detector
from streams.detection.own_mail import OwnMail, received_mail
from streams.detection.score_events import score_events
from streams.domains.scorer import Scorer
from streams.domains.watchlist.file import read_watchlist
from streams.errors import ConfigurationError
from streams.events.mail import MailEvent, encode
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.clients.table import read_table
from streams.kafka.topics.names import topic_names
from streams.memory.memory import DAY_MS, Memory
from streams.memory.records import PackedRecord
from streams.memory.replica import BY_COMMANDS, KeyedValue, Replica
from streams.sources.read import ReadSummary
from streams.sources.registry import source_named
from streams.sources.source import SourceOptions

BATCH = 1_000
WRITTEN_AT_ONCE = 100_000
"""An entry changes on each day of its mail, so changes are collected, and an entry is written once for many."""

Write = Callable[[Iterable[KeyedValue]], None]


@dataclass(frozen=True, slots=True)
class LearnRequest:
    """Arguments of `straymail learn`."""

    source: str
    files: tuple[str, ...]
    config: Path | None = None
    dry_run: bool = False
    timezone: str | None = None
    year: int | None = None
    name: str | None = None


def run_learn(request: LearnRequest) -> int:
    """Learn from the files. Returns the exit code; raises UsageError, BrokerError."""
    settings = load_settings(request.config)
    memory = settings.memory(is_kept=True)
    if memory is None:
        raise ConfigurationError(f"there is no memory: {_remedy(settings)}")
    options = SourceOptions(
        zone=zone_named(request.timezone),
        year=request.year,
        name=request.name,
        own_networks=settings.own_networks,
        own_relays=settings.own_relays,
    )
    source, tally, on_problem = source_named(request.source, options), ReadSummary(), ProblemReport()
    replica, begun = Replica(memory), monotonic()
    with ExitStack() as opened:
        write: Write = _discard if request.dry_run else _kafka(replica, settings, opened)
        known = memory.persons, memory.correspondents
        in_future = _learn(read_events(source, request.files, tally, on_problem, opened), replica, settings, write)
    on_problem.report_rest()
    for line in (*summary(source, tally, monotonic() - begun, request.files), _learned(memory, known)):
        click.echo(line, err=True)
    if in_future:
        print_error(f"{counted(in_future, 'mail event')} dated in the future taught nothing: see --year and --timezone")
    return 1 if tally.problems or in_future else 0


def _remedy(settings: Settings) -> str:
    return "set knowledge.enabled" if not settings.knowledge.enabled else "set own_domains (STRAYMAIL_OWN_DOMAINS)"


def _learn(events: Iterable[MailEvent], replica: Replica, settings: Settings, write: Write) -> int:
    """Learn from events as a worker does from live mail; returns how many are refused for a date in the future."""
    scorer = Scorer(read_watchlist(settings.watchlist_path, today=today()), settings.scorer)
    detector = Detector(scorer, settings.privacy.privacy(), monotonic, replica.memory)
    is_own_mail, is_received = OwnMail(settings.own_domains), received_mail(settings.own_domains)
    changed: list[PackedRecord] = []
    events, in_future = iter(events), 0
    while batch := [encode(event) for event in islice(events, BATCH)]:
        scored = score_events(batch, detector, is_own_mail, now_ms=now_ms(), is_received=is_received)
        changed += scored.learned
        in_future += len(scored.unreadable)
        detector.take_counts()
        if len(changed) >= WRITTEN_AT_ONCE:
            write(replica.written(changed, BY_COMMANDS))
            changed = []
    write(replica.written(changed, BY_COMMANDS))
    return in_future


def _discard(_: Iterable[KeyedValue]) -> None: ...


def _kafka(replica: Replica, settings: Settings, opened: ExitStack) -> Write:
    """Take what the topic has, so that what is written has that too and what was forgotten stays so."""
    topic, day = topic_names(settings).correspondents, now_ms() // DAY_MS
    for chunk in read_table(settings, topic):
        for record in chunk.records:
            replica.take(*record, today=day, assigned=())
        if chunk.at_end:
            break
    producer = opened.enter_context(SyncProducer(settings, topic))

    def write(records: Iterable[KeyedValue]) -> None:
        for key, value in records:
            producer.send(value, key=key)

    return write


def _learned(memory: Memory, known: tuple[int, int]) -> str:
    first = memory.mail_days.since
    since = f", from {day_of(first * DAY_MS)} on" if first is not None else ""
    return (
        f"known: {counted(memory.persons, 'person')} at watched domains ({memory.persons - known[0]:,} new), "
        f"{counted(memory.correspondents, 'domain')} near them ({memory.correspondents - known[1]:,} new){since}"
    )
