"""The work of `straymail notify`: reads mail.alerts and notifies senders one by one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from streams.cli.notify.start import first_offsets
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.problems import print_error
from streams.cli.shared.topics import start_of
from streams.clock import now_ms
from streams.config import Settings
from streams.errors import ConfigurationError
from streams.events.safe_text import clean
from streams.files import warn_of_readers
from streams.kafka.clients.consumer import Start
from streams.kafka.clients.read import KafkaRecord, follow, read_to_end
from streams.kafka.topics.names import topic_names
from streams.notify.journal import Journal
from streams.notify.letter import read_template
from streams.notify.notifier import LetterInputs, Notifier, NotifyResult
from streams.notify.notify_policy import NotifyPolicy, policy_of
from streams.notify.smtp import SmtpClient

RETRY_S = 10.0
DRY_RUN_FROM = "straymail@localhost"
"""The From address in a dry run without `notify.from_address`."""


def notify_senders(settings: Settings, since: int | None, *, send: bool, as_json: bool, until_end: bool) -> None:
    """Read mail.alerts, notify each sender concerned, and print what was done. Raises StraymailError."""
    policy = check_can_notify(settings, send=send)
    own = settings.notify
    inputs = LetterInputs(read_template(own.template), own.from_address or DRY_RUN_FROM, own.contact)
    as_json = json_wanted(as_json)
    with ExitStack() as stack:
        path = own.state if send else Path(stack.enter_context(TemporaryDirectory())) / "dry-run.sqlite"
        warn_of_readers(path, print_error)
        journal = stack.enter_context(Journal(path))
        transport = SmtpClient(own) if send else None
        notifier = Notifier(policy, inputs, journal, transport, key=settings.privacy.secret(), wait=_wait)
        for record in _alerts(settings, _start(settings, journal, since, send=send), until_end=until_end):
            result = notifier.notify(record.value, now_ms()) if record.value is not None else None
            if result is not None:
                _write(result, as_json=as_json)
            if send:
                journal.save_position(record.partition, record.offset)


def check_can_notify(settings: Settings, *, send: bool) -> NotifyPolicy:
    """The policy by which senders are notified. Raises ConfigurationError where nobody can be, by these settings."""
    if settings.privacy.sender != "whole":
        raise ConfigurationError(
            "privacy.sender is hmac, so alerts contain no address that could be notified: set it to whole"
        )
    if send and settings.notify.from_address is None:
        raise ConfigurationError("notify.from_address is not set: set it to the address that the mails come from")
    return policy_of(settings.notify, settings.own_domains)


def _start(settings: Settings, journal: Journal, since: int | None, *, send: bool) -> Start:
    """Start position: the journal's, or that of a first run. A dry run has no journal.

    The first position of every partition is recorded, so that none is ever read from its beginning.
    """
    if not send:
        return start_of(since)
    if not journal.positions():
        for partition, offset in first_offsets(settings, since).items():
            journal.save_position(partition, offset - 1)
    return journal.positions()


def _alerts(settings: Settings, start: Start, *, until_end: bool) -> Iterator[KafkaRecord]:
    topic = topic_names(settings).alerts
    return read_to_end(settings, topic, start=start) if until_end else follow(settings, topic, start=start)


def _wait(why: str) -> None:
    click.echo(f"straymail: {clean(why)}; trying again in {RETRY_S:g} s", err=True)
    time.sleep(RETRY_S)


def _write(result: NotifyResult, *, as_json: bool) -> None:
    if as_json:
        write_json({name: value for name, value in asdict(result).items() if value})
        return
    recipient = f" to {clean(result.recipient)}" if result.recipient else ""
    why = f": {clean(result.why)}" if result.why else ""
    click.echo(f"{clean(result.finding[:12])} {result.outcome}{recipient}{why}")
    if result.letter is not None:
        lines = (f"Subject: {result.letter.subject}", "", *result.letter.text.splitlines())
        click.echo("".join(f"  {clean(line)}".rstrip() + "\n" for line in lines))
