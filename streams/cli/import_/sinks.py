"""Where imported mail events go: to Kafka, or as JSON lines to a file or stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol

from streams.config import Settings
from streams.events.mail import MailEvent, encode
from streams.events.privacy import Privacy
from streams.files import create_private
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import topic_names

KEYS_CACHED = 100_000


class Sink(Protocol):
    """Takes events; after `flush` all that were taken are safe."""

    @property
    def refused(self) -> int:
        """KafkaSink that the broker won't have, whatever is done."""

    def send(self, event: MailEvent) -> None: ...
    def flush(self) -> None: ...


class JsonLinesSink:
    """Writes one event a line."""

    refused = 0

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def send(self, event: MailEvent) -> None:
        self._file.write(encode(event) + b"\n")

    def flush(self) -> None:
        self._file.flush()


class KafkaSink:
    """Sends to mail.events, under the sender's HMAC."""

    def __init__(self, sender: SyncProducer, privacy: Privacy) -> None:
        self._sender = sender
        self._digest = lru_cache(KEYS_CACHED)(privacy.digest)

    @property
    def refused(self) -> int:
        return self._sender.refused

    def send(self, event: MailEvent) -> None:
        key = None if event.is_bounce else self._digest(event.sender).encode()
        self._sender.send(encode(event), key=key)

    def flush(self) -> None:
        self._sender.flush()


@contextmanager
def json_lines(path: Path | None) -> Iterator[JsonLinesSink]:
    """To the file at the path, new; to stdout where there is none. Raises UsageError where it can't be written."""
    if path is None:
        yield JsonLinesSink(sys.stdout.buffer)
        return
    with create_private(path) as file:
        yield JsonLinesSink(file)


@contextmanager
def kafka(settings: Settings) -> Iterator[KafkaSink]:
    """To mail.events of the pipeline, whose topics are made where that is allowed. Raises BrokerError."""
    if settings.topics.create:
        create_topics(settings)
    with SyncProducer(settings, topic_names(settings).events) as sender:
        yield KafkaSink(sender, settings.privacy.privacy())
