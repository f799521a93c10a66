"""Where imported mail events go: to Kafka, or as JSON lines to a file or stdout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol

from streams.cli.shared.output import json_stdout
from streams.cli.shared.problems import print_error
from streams.config import Settings
from streams.events.mail import MailEvent, encode
from streams.events.privacy import Privacy
from streams.files import create_private
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import topic_names

KEYS_CACHED = 100_000


class Sink(Protocol):
    """Destination of events. After `flush` returns, all events sent are stored."""

    @property
    def refused(self) -> int:
        """Number of events that the broker refused for good."""

    def send(self, event: MailEvent) -> None: ...
    def flush(self) -> None: ...


class JsonLinesSink:
    """Writes events as JSON lines."""

    refused = 0

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def send(self, event: MailEvent) -> None:
        self._file.write(encode(event) + b"\n")

    def flush(self) -> None:
        self._file.flush()


class KafkaSink:
    """Sends events to mail.events; their key is an HMAC of the mail's sender."""

    def __init__(self, producer: SyncProducer, privacy: Privacy) -> None:
        self._producer = producer
        self._digest = lru_cache(KEYS_CACHED)(privacy.digest)

    @property
    def refused(self) -> int:
        return self._producer.refused

    def send(self, event: MailEvent) -> None:
        key = None if event.is_bounce else self._digest(event.sender).encode()
        self._producer.send(encode(event), key=key)

    def flush(self) -> None:
        self._producer.flush()


@contextmanager
def json_lines(path: Path | None) -> Iterator[JsonLinesSink]:
    """Sink that writes to a new file, or to stdout if the path is None. Raises UsageError if it can't be written."""
    if path is None:
        yield JsonLinesSink(json_stdout())
        return
    with create_private(path, print_error) as file:
        yield JsonLinesSink(file)


@contextmanager
def kafka(settings: Settings) -> Iterator[KafkaSink]:
    """Sink that sends to mail.events, after creating missing topics if `topics.create` is set. Raises BrokerError."""
    if settings.topics.create:
        create_topics(settings)
    with SyncProducer(settings, topic_names(settings).events) as producer:
        yield KafkaSink(producer, settings.privacy.privacy())
