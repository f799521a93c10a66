"""Dead letters, chosen and sent back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import click

from streams.cli.shared.topics import start_of
from streams.config import Settings
from streams.errors import UnreadableRecord, UsageError
from streams.events.dead_letter import DeadLetter, decode
from streams.events.reasons import Reason
from streams.kafka.clients.read import KafkaRecord, read_to_end
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import topic_names

REPLAYED = "straymail-replayed"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which dead letters: those published since (integer ms), with one of the reasons (none: any), so many at most."""

    since_ms: int | None = None
    reasons: frozenset[str] = frozenset()
    limit: int | None = None

    def __post_init__(self) -> None:
        if unknown := sorted(self.reasons - set(Reason)):
            raise UsageError(f"there is no reason {unknown[0]}: reasons are {', '.join(sorted(Reason))}")


@dataclass(slots=True)
class Found:
    """What was met on the way: letters to send by reason, those without all their bytes, and what is no letter."""

    chosen: Counter[str] = field(default_factory=Counter)
    not_whole: int = 0
    foreign: int = 0


def replay_letters(settings: Settings, choice: Choice, *, dry_run: bool) -> int:
    """The work of `straymail replay`; returns the exit status. Raises BrokerError."""
    names, found = topic_names(settings), Found()
    records = read_to_end(settings, names.dead_letters, start=start_of(choice.since_ms))
    letters = chosen_letters(records, choice, found)
    refused, refusal = 0, ""
    if dry_run:
        for _ in letters:
            pass
    else:
        with SyncProducer(settings, names.events) as sender:
            for letter, place in letters:
                key = None if letter.key is None else letter.key.encode()
                sender.send(letter.value, key=key, headers=[(REPLAYED, place.encode())])
        refused, refusal = sender.refused, sender.refusal
    _tell(found, "would be sent" if dry_run else "sent back", refused, refusal)
    return 1 if refused else 0


def chosen_letters(records: Iterable[KafkaRecord], choice: Choice, found: Found) -> Iterator[tuple[DeadLetter, str]]:
    """The letters to send, each with its place in mail.dead-letters; `found` counts them and the others."""
    return islice(_whole_letters(records, choice, found), choice.limit)


def _whole_letters(records: Iterable[KafkaRecord], choice: Choice, found: Found) -> Iterator[tuple[DeadLetter, str]]:
    for record in records:
        try:
            letter = decode(record.key, record.value, record.headers)
        except UnreadableRecord:
            found.foreign += 1
            continue
        if choice.reasons and letter.reason not in choice.reasons:
            continue
        if not letter.is_whole:
            found.not_whole += 1
            continue
        found.chosen[letter.reason] += 1
        yield letter, f"{record.topic}/{record.partition}/{record.offset}"


def _tell(found: Found, done: str, refused: int, refusal: str) -> None:
    by_reason = ", ".join(f"{count:,} {reason}" for reason, count in found.chosen.most_common())
    click.echo(f"{found.chosen.total():,} dead letters {done}{f' ({by_reason})' if by_reason else ''}", err=True)
    if found.not_whole:
        click.echo(f"{found.not_whole:,} can't be sent back: they were cut, or kept without their bytes", err=True)
    if found.foreign:
        click.echo(f"{found.foreign:,} records there are no dead letters and were left alone", err=True)
    if refused:
        click.echo(f"straymail: the broker refused {refused:,} records: {refusal}", err=True)
