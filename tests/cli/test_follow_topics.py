"""Following a topic: records that exist, new records, and a quiet end on Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import orjson
import pytest

from streams.config import Settings
from streams.events.alert import encode_alert
from streams.events.hit import encode_hit
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from tests.cli.finding import finding
from tests.cli.hits.test_run import HITS

pytestmark = pytest.mark.process


@contextmanager
def following(*arguments: str) -> Iterator[IO[bytes]]:
    """Stdout of a command with --follow, which must end quietly on Ctrl-C."""
    command = [sys.executable, "-m", "streams", *arguments, "--follow"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield process.stdout
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
            assert process.stderr.read().strip() == b""
        finally:
            process.kill()


def send(settings: Settings, topic: str, *values: bytes) -> None:
    with SyncProducer(settings, topic) as producer:
        for value in values:
            producer.send(value)


def test_alerts(pipeline: Settings, names: TopicNames) -> None:
    send(pipeline, names.alerts, encode_alert(finding()))
    with following("alerts") as lines:
        assert orjson.loads(lines.readline())["count"] == 3
        send(pipeline, names.alerts, encode_alert(finding(sequence=2, activity=2, count=4)))
        assert orjson.loads(lines.readline())["count"] == 4


def test_hits(pipeline: Settings, names: TopicNames) -> None:
    send(pipeline, names.typo_hits, encode_hit(HITS[0]))
    with following("hits", "--domain", "army.ml") as lines:
        assert orjson.loads(lines.readline())["id"] == "h1"
        send(pipeline, names.typo_hits, encode_hit(HITS[7]), encode_hit(HITS[1]))
        assert orjson.loads(lines.readline())["id"] == "h2"
