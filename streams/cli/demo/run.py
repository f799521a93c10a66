"""The demo: broker, topics, worker, sample mail, and what comes out, in the order in which somebody would try it."""

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
"""The mail of a day and a half is sent in so many seconds, so that findings can be seen to grow."""
CHUNK = 50
READ_S = 60.0
QUIET_S = 3.0
"""When so long after the last event no alert has come, all have."""
LOOK_S = 0.2
KEPT = ("STRAYMAIL_SECURITY_", "STRAYMAIL_CACHE")


def demonstrate(brokers: str | None, *, keep: bool) -> int:
    """Run the demo; returns the exit status. Raises StraymailError."""
    console = Console()
    signal.signal(signal.SIGTERM, _ended)
    with _pipeline(brokers) as settings:
        console.print(
            f"Kafka: {settings.brokers if brokers else f'a broker inside this process, at {settings.brokers}'}"
        )
        with WorkerProcess(settings) as worker, _page(settings) as page, AlertWatch(settings, console) as watch:
            console.print(f"worker: ready, metrics at {worker.address}/metrics")
            console.print(f"console: {page.address}/ shows what is found\n", highlight=False)
            published = publish_lines(paced(_lines()), settings, lambda _: None, raw=True)
            _wait_until_read(worker, watch, published)
            console.print()
            console.print(summary(worker.metrics(), watch.findings(), published))
            if keep:
                _keep(console, settings, worker, watch)
    return 0


def _page(settings: Settings) -> ChildProcess:
    return ChildProcess("console", f"http://{settings.console.host}:{settings.console.port}", "/health")


def demo_environment(
    environment: Mapping[str, str], brokers: str, prefix: str, port: int, console_port: int
) -> dict[str, str]:
    """This process's environment for the demo: its own settings, and of the user's those of security alone."""
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
    """The lines, a chunk at a time, spread over so many seconds."""
    begun = monotonic()
    for start in range(0, len(lines), CHUNK):
        time.sleep(max(0.0, begun + seconds * start / len(lines) - monotonic()))
        yield from lines[start : start + CHUNK]


def _lines() -> list[Line]:
    """The sample mail, and somewhere in the middle records that nobody can read."""
    lines = list(sample_lines(now_ms()))
    middle = len(lines) // 2
    unreadable = [Line("unreadable", number, value) for number, value in enumerate(unreadable_records(), start=1)]
    return lines[:middle] + unreadable + lines[middle:]


@contextmanager
def _pipeline(brokers: str | None) -> Iterator[Settings]:
    """The settings of a pipeline with empty topics, gone afterwards; the environment is set to them."""
    if brokers is None:
        with EmbeddedBroker() as broker:
            settings = _settle(broker.bootstrap, "")
            broker.create_topics({topic.name: topic.partitions for topic in wanted_topics(settings)})
            yield settings
        return
    settings = _settle(brokers, f"straymail-demo-{secrets.token_hex(4)}.")
    create_topics(settings)
    try:
        yield settings
    finally:
        delete_pipeline(settings, settings.group_id)


def _settle(brokers: str, prefix: str) -> Settings:
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
    """Until every event is read, and then until no alert has come for a while."""
    until = monotonic() + READ_S
    while (read := total(worker.metrics(), "straymail_events_total")) < published.sent:
        if monotonic() > until:
            raise StraymailError(f"the worker has read {read:,.0f} of {published.sent:,} events after {READ_S:g} s")
        watch.check()
        time.sleep(LOOK_S)
    read_at = monotonic()
    while monotonic() - max(read_at, watch.last_at) < QUIET_S:
        worker.check()
        watch.check()
        time.sleep(LOOK_S)


def _keep(console: Console, settings: Settings, worker: WorkerProcess, watch: AlertWatch) -> None:
    try:
        console.print("\nIn another terminal, until Ctrl-C here:")
        for name, value in (("BROKERS", settings.brokers), ("TOPIC_PREFIX", settings.topic_prefix)):
            if value:
                console.print(f"  export STRAYMAIL_{name}={value}", highlight=False)
        console.print("  straymail alerts; straymail hits; straymail publish --sample", highlight=False)
        while True:
            worker.check()
            watch.check()
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        console.print("ending")


def _ended(_signal: int, _frame: FrameType | None) -> NoReturn:
    """SIGTERM: end as on Ctrl-C, so that nothing is left behind."""
    raise KeyboardInterrupt
