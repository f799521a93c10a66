"""The work of `straymail replay`: selects dead letters and sends them back to mail.events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import click

from streams.cli.shared.topics import start_of
from streams.config import Settings
from streams.counted import counted, most_first
from streams.did_you_mean import or_list
from streams.errors import UnreadableRecord, UsageError
from streams.events.dead_letter import DeadLetter, decode
from streams.events.reasons import Reason
from streams.events.safe_text import clean
from streams.kafka.clients.read import KafkaRecord, read_to_end
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import topic_names

REPLAYED = "straymail-replayed"


@dataclass(frozen=True, slots=True)
class ReplayFilter:
    """Criteria for dead letters: published since (ms), with one of these reasons (any, if empty), at most `limit`."""

    since_ms: int | None = None
    reasons: frozenset[str] = frozenset()
    limit: int | None = None

    def __post_init__(self) -> None:
        if unknown := sorted(self.reasons - set(Reason)):
            raise UsageError(f"there is no reason {unknown[0]!r}: {or_list(unknown[0], sorted(Reason))}")


@dataclass(slots=True)
class ReplayCounts:
    """Counts of the records read: dead letters selected, by reason; those without all their bytes; other records."""

    selected: Counter[str] = field(default_factory=Counter)
    not_whole: int = 0
    foreign: int = 0


def replay_dead_letters(settings: Settings, wanted: ReplayFilter, *, dry_run: bool) -> int:
    """Send the selected dead letters back, or only count them. Returns the exit code; raises BrokerError."""
    names, counts = topic_names(settings), ReplayCounts()
    records = read_to_end(settings, names.dead_letters, start=start_of(wanted.since_ms))
    selected = select_dead_letters(records, wanted, counts)
    refused, refusal = 0, ""
    if dry_run:
        for _ in selected:
            pass
    else:
        with SyncProducer(settings, names.events) as producer:
            for dead_letter, place in selected:
                key = None if dead_letter.key is None else dead_letter.key.encode()
                producer.send(dead_letter.value, key=key, headers=[(REPLAYED, place.encode())])
        refused, refusal = producer.refused, producer.refusal
    _print_counts(counts, "would be sent" if dry_run else "sent back", refused, refusal)
    return 1 if refused else 0


def select_dead_letters(
    records: Iterable[KafkaRecord], wanted: ReplayFilter, counts: ReplayCounts
) -> Iterator[tuple[DeadLetter, str]]:
    """The dead letters to send, each with its `topic/partition/offset`; all records read are counted in `counts`."""
    return islice(_whole_dead_letters(records, wanted, counts), wanted.limit)


def _whole_dead_letters(
    records: Iterable[KafkaRecord], wanted: ReplayFilter, counts: ReplayCounts
) -> Iterator[tuple[DeadLetter, str]]:
    for record in records:
        try:
            dead_letter = decode(record.key, record.value, record.headers)
        except UnreadableRecord:
            counts.foreign += 1
            continue
        if wanted.reasons and dead_letter.reason not in wanted.reasons:
            continue
        if not dead_letter.is_whole:
            counts.not_whole += 1
            continue
        counts.selected[dead_letter.reason] += 1
        yield dead_letter, f"{record.topic}/{record.partition}/{record.offset}"


def _print_counts(counts: ReplayCounts, done: str, refused: int, refusal: str) -> None:
    by_reason = ", ".join(f"{count:,} {clean(reason)}" for reason, count in most_first(counts.selected))
    click.echo(
        f"{counted(counts.selected.total(), 'dead letter')} {done}{f' ({by_reason})' if by_reason else ''}", err=True
    )
    if counts.not_whole:
        click.echo(f"{counts.not_whole:,} can't be sent back: they were cut, or kept without their bytes", err=True)
    if counts.foreign:
        click.echo(f"{counts.foreign:,} skipped: no dead letters", err=True)
    if refused:
        click.echo(f"straymail: the broker refused {counted(refused, 'record')}: {clean(refusal)}", err=True)
