"""The work of `straymail demo`: broker, topics, worker, console, sample mail, alerts and a summary."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from rich.console import Console

from streams.cli.demo.child_process import ChildProcess, WorkerProcess
from streams.cli.demo.exposition import total
from streams.cli.demo.summary import summary
from streams.cli.demo.watch import AlertWatch
from streams.cli.publish.lines import Line
from streams.cli.publish.run import PublishResult, publish_lines, sample_lines
from streams.clock import monotonic, now_ms
from streams.config import Settings, load_settings
from streams.data.samples import unreadable_records
from streams.errors import StraymailError
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.delete import delete_pipeline
from streams.kafka.topics.names import wanted_topics

SENDING_S = 8.0
"""Seconds over which the day and a half of mail is published, slow enough to watch findings grow."""
CHUNK = 50
READ_S = 60.0
QUIET_S = 3.0
"""When no alert has arrived for this long, the demo expects no more."""
POLL_S = 0.2
KEPT = ("STRAYMAIL_SECURITY_", "STRAYMAIL_CACHE")


def demonstrate(brokers: str | None, *, keep: bool) -> int:
    """Run the demo. Returns the exit code; raises StraymailError."""
    console = Console()
    signal.signal(signal.SIGTERM, _interrupt)
    with _pipeline(brokers) as settings:
        console.print(
            f"Kafka: {settings.brokers if brokers else f'a broker inside this process, at {settings.brokers}'}"
        )
        with (
            WorkerProcess(settings) as worker,
            _console_process(settings) as page,
            AlertWatch(settings, console) as watch,
        ):
            console.print(f"worker: ready, metrics at {worker.address}/metrics")
            console.print(f"console: {page.address}/ shows what is found\n", highlight=False)
            published = publish_lines(paced(_lines()), settings, lambda _: None, raw=True)
            _wait_until_read(worker, watch, published)
            console.print()
            console.print(summary(worker.metrics(), watch.findings(), published))
            if keep:
                _keep(console, settings, worker, watch)
    return 0


def _console_process(settings: Settings) -> ChildProcess:
    return ChildProcess("console", f"http://{settings.console.host}:{settings.console.port}", "/health")


def demo_environment(
    environment: Mapping[str, str], brokers: str, prefix: str, port: int, console_port: int
) -> dict[str, str]:
    """Environment variables for the demo: its own settings, and of the user's only `STRAYMAIL_SECURITY_*`."""
    others = {
        name: value for name, value in environment.items() if not name.startswith("STRAYMAIL_") or name.startswith(KEPT)
    }
    return others | {
        "STRAYMAIL_BROKERS": brokers,
        "STRAYMAIL_TOPIC_PREFIX": prefix,
        "STRAYMAIL_TOPICS_CREATE": "false",
        "STRAYMAIL_PRIVACY_KEY": secrets.token_hex(16),
        "STRAYMAIL_WEB_PORT": str(port),
        "STRAYMAIL_CONSOLE_PORT": str(console_port),
        "STRAYMAIL_LOG_LEVEL": "WARNING",
    }


def paced(lines: Sequence[Line], seconds: float = SENDING_S) -> Iterator[Line]:
    """The lines, spread over `seconds` in chunks of `CHUNK`."""
    begun = monotonic()
    for start in range(0, len(lines), CHUNK):
        time.sleep(max(0.0, begun + seconds * start / len(lines) - monotonic()))
        yield from lines[start : start + CHUNK]


def _lines() -> list[Line]:
    """The sample mail, with unreadable records in the middle."""
    lines = list(sample_lines(now_ms()))
    middle = len(lines) // 2
    unreadable = [Line("unreadable", number, value) for number, value in enumerate(unreadable_records(), start=1)]
    return lines[:middle] + unreadable + lines[middle:]


@contextmanager
def _pipeline(brokers: str | None) -> Iterator[Settings]:
    """Creates empty topics, and deletes them at the end; gives the settings, which the environment is set to."""
    if brokers is None:
        with EmbeddedBroker() as broker:
            settings = _use_settings(broker.bootstrap, "")
            broker.create_topics({topic.name: topic.partitions for topic in wanted_topics(settings)})
            yield settings
        return
    settings = _use_settings(brokers, f"straymail-demo-{secrets.token_hex(4)}.")
    create_topics(settings)
    try:
        yield settings
    finally:
        delete_pipeline(settings, settings.group_id)


def _use_settings(brokers: str, prefix: str) -> Settings:
    environment = demo_environment(os.environ, brokers, prefix, *_free_ports())
    os.environ.clear()
    os.environ.update(environment)
    return load_settings()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        for probe in (first, second):
            probe.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


def _wait_until_read(worker: WorkerProcess, watch: AlertWatch, published: PublishResult) -> None:
    """Wait until the worker has read every event, and then until no alert has arrived for a while."""
    deadline = monotonic() + READ_S
    while (read := total(worker.metrics(), "straymail_events_total")) < published.sent:
        if monotonic() > deadline:
            raise StraymailError(f"the worker has read {read:,.0f} of {published.sent:,} events after {READ_S:g} s")
        watch.check()
        time.sleep(POLL_S)
    read_at = monotonic()
    while monotonic() - max(read_at, watch.last_at) < QUIET_S:
        worker.check()
        watch.check()
        time.sleep(POLL_S)


def _keep(console: Console, settings: Settings, worker: WorkerProcess, watch: AlertWatch) -> None:
    try:
        console.print("\nIn another terminal (Ctrl-C here ends the demo):")
        for name, value in (("BROKERS", settings.brokers), ("TOPIC_PREFIX", settings.topic_prefix)):
            if value:
                console.print(f"  export STRAYMAIL_{name}={value}", highlight=False)
        console.print("  straymail alerts; straymail hits; straymail publish --sample", highlight=False)
        if not settings.topic_prefix:
            console.print(
                "The demo's broker finds no record by its time: --since and straymail report show nothing here."
            )
        while True:
            worker.check()
            watch.check()
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        console.print("stopping")


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Handle SIGTERM like Ctrl-C, so that topics and processes are cleaned up."""
    raise KeyboardInterrupt
