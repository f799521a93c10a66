"""A whole pipeline: real Kafka, real worker, real console, real browser."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.settings import KafkaSettings
from streams.kafka.topics.admin import create_topics
from streams.kafka.topics.names import TopicNames, topic_names
from tests.broker.apache import ApacheKafka
from tests.cache import UnavailableError
from tests.console.axe import axe_source
from tests.console.browser import Browser, missing
from tests.console.process import ConsoleProcess
from tests.pipeline.worker import WorkerProcess


@dataclass(frozen=True)
class Pipeline:
    """The pipeline of a test module; its console is at `console.address`."""

    settings: KafkaSettings
    console: ConsoleProcess

    @property
    def names(self) -> TopicNames:
        return topic_names(self.settings)

    def publish(self, sender: str, recipient: str = "ops@army.ml", **fields: Any) -> None:
        """Publish one mail event with the current time."""
        event = {
            "id": uuid.uuid4().hex,
            "message_id": f"<{uuid.uuid4().hex}@mod.gov.uk>",
            "time": time.time_ns() // 1_000_000,
            "sender": sender,
            "recipients": [recipient],
            "delivery": "delivered",
            "size": 4096,
        }
        self.send(self.names.events, orjson.dumps(event | fields))

    def send(self, topic: str, *values: bytes) -> None:
        """Publish the values; returns when Kafka has them."""
        with SyncProducer(self.settings, topic) as to:
            for value in values:
                to.send(value)


@pytest.fixture(scope="module")
def pipeline(apache_kafka: ApacheKafka) -> Iterator[Pipeline]:
    """A pipeline of the module's own."""
    prefix = f"test-{uuid.uuid4().hex[:12]}."
    settings = KafkaSettings(brokers=apache_kafka.bootstrap, topic_prefix=prefix)
    create_topics(settings)
    own = {"BROKERS": settings.brokers, "TOPIC_PREFIX": prefix, "PRIVACY_SUBJECT": "true"}
    with WorkerProcess(own) as worker, ConsoleProcess(own) as console:
        worker.wait_ready()
        yield Pipeline(settings, console)


def _browser(width: int, height: int, *, dark: bool) -> Iterator[Browser]:
    reason = missing()
    if reason is not None:
        pytest.skip(reason)
    with Browser(width, height, dark=dark) as browser:
        yield browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from _browser(1440, 900, dark=False)


@pytest.fixture(scope="module")
def dark_browser() -> Iterator[Browser]:
    yield from _browser(1440, 900, dark=True)


@pytest.fixture(scope="module")
def narrow_browser() -> Iterator[Browser]:
    yield from _browser(390, 844, dark=False)


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    try:
        return axe_source()
    except UnavailableError as reason:
        pytest.skip(str(reason))
