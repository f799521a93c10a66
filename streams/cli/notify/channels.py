"""The work of `straymail notify --channels`: a thread for each channel, which reads mail.alerts on its own, so that one
that is away holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock

import click

from streams.cli.notify.start import first_offsets
from streams.cli.shared.output import json_wanted, write_json
from streams.cli.shared.problems import print_error
from streams.cli.shared.topics import start_of
from streams.clock import monotonic, now_ms
from streams.config import Settings
from streams.durations import parse_duration_ms
from streams.errors import ConfigurationError, StraymailError
from streams.events.safe_text import clean
from streams.files import warn_of_readers
from streams.kafka.clients.consumer import Start
from streams.kafka.clients.read import KafkaRecord, follow_polls, read_to_end
from streams.kafka.topics.names import topic_names
from streams.notify.channels.channel import (
    Channel,
    ChannelPolicy,
    ChannelResult,
    MessageTransport,
    NotSentError,
)
from streams.notify.channels.journal import ChannelJournal
from streams.notify.channels.message import ChannelMessage
from streams.notify.settings import ChannelSettings, NotifySettings
from streams.severity import SEVERITIES, Severity

LONGEST_WAIT_S = 1.0
RECORDS_AT_ONCE = 1_000
Report = Callable[[ChannelResult], None]
TEST = ChannelMessage(
    "straymail: a test of this channel", "If you can read this, straymail can reach you here.", Severity.INFORMATIONAL
)


def notify_channels(settings: Settings, since: int | None, *, send: bool, as_json: bool, until_end: bool) -> None:
    """Read mail.alerts, send each channel what calls somebody, and print what was done. Raises StraymailError."""
    own = settings.notify
    _check(own)
    transports: Mapping[str, MessageTransport] = channel_transports(settings) if send else {}
    report = _reporter(as_json=json_wanted(as_json))
    with ExitStack() as stack:
        path = own.channels_state if send else Path(stack.enter_context(TemporaryDirectory())) / "dry-run.sqlite"
        warn_of_readers(path, print_error)
        journal = stack.enter_context(ChannelJournal(path))
        stop = Event()
        pool = stack.enter_context(ThreadPoolExecutor(len(own.channels)))
        stack.callback(stop.set)  # before the pool waits for its threads
        futures = []
        for each in own.channels:
            channel = Channel(_policy(each), journal, transports.get(each.name))
            start = _start(settings, journal, each.name, since) if send else start_of(since)
            polls = _polls(settings, start, stop, until_end=until_end)
            futures.append(pool.submit(_run, channel, polls, stop, report))
        for future in wait(futures, return_when=FIRST_EXCEPTION).done:
            future.result()


def send_test(settings: Settings) -> None:
    """Send each channel a test message. Raises StraymailError where one didn't accept it, after the others."""
    _check(settings.notify)
    failed = []
    for name, transport in channel_transports(settings).items():
        try:
            transport.send(TEST)
        except NotSentError as error:
            failed.append(f"{name}: {error}")
        else:
            click.echo(f"{name}: accepted")
    if failed:
        raise StraymailError("; ".join(failed))


def _check(own: NotifySettings) -> None:
    if not own.channels:
        raise ConfigurationError("notify.channels is empty: name at least one channel")


def channel_transports(settings: Settings) -> dict[str, MessageTransport]:
    """What sends to each channel, by name. Raises ConfigurationError where a URL can't be used."""
    from streams.notify.channels.apprise import AppriseTransport  # needs an extra

    return {channel.name: AppriseTransport(channel) for channel in settings.notify.channels}


def _policy(channel: ChannelSettings) -> ChannelPolicy:
    every_s = parse_duration_ms(channel.every) / 1_000
    return ChannelPolicy(channel.name, SEVERITIES[channel.severity], channel.redact, every_s)


def _start(settings: Settings, journal: ChannelJournal, name: str, since: int | None) -> Start:
    """The channel's position; at its first run the end, or what was published since."""
    if not journal.positions(name):
        journal.save_positions(name, first_offsets(settings, since))
    return journal.positions(name)


def _polls(settings: Settings, start: Start, stop: Event, *, until_end: bool) -> Iterator[list[KafkaRecord]]:
    topic = topic_names(settings).alerts
    if not until_end:
        yield from follow_polls(settings, topic, start=start, stop=stop)
        return
    records = read_to_end(settings, topic, start=start)
    while some := list(islice(records, RECORDS_AT_ONCE)):
        yield some


def _run(channel: Channel, polls: Iterator[list[KafkaRecord]], stop: Event, report: Report) -> None:
    """Read and send until the topic's end, or until `stop` is set."""
    for records in polls:
        for record in records:
            channel.take(record.value, record.partition, record.offset, monotonic())
        _attempt(channel, report)
        while channel.is_full and not stop.is_set():
            _attempt_when_due(channel, stop, report)
    while not channel.is_idle and not stop.is_set():
        _attempt_when_due(channel, stop, report)


def _attempt_when_due(channel: Channel, stop: Event, report: Report) -> None:
    stop.wait(min(LONGEST_WAIT_S, channel.due_in_s(monotonic())))
    _attempt(channel, report)


def _attempt(channel: Channel, report: Report) -> None:
    result = channel.attempt(monotonic(), now_ms)
    if result is not None:
        report(result)


def _reporter(*, as_json: bool) -> Report:
    """Prints results, one at a time."""
    lock = Lock()

    def report(result: ChannelResult) -> None:
        with lock:
            _write(result, as_json=as_json)

    return report


def _write(result: ChannelResult, *, as_json: bool) -> None:
    if result.outcome == "failed":
        print_error(f"channel {result.channel}: {result.why}; trying again in {result.again_s:g} s")
    if as_json:
        write_json({name: value for name, value in asdict(result).items() if value})
    elif result.outcome != "failed":
        click.echo(f"{result.channel} {result.outcome} {clean(result.title)}")
        click.echo("".join(f"  {clean(line)}\n" for line in result.text.splitlines()), nl=False)
