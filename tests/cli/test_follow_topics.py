"""Following a topic: records that exist, new records, and a quiet end on Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from select import select
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


def send_until_shown(settings: Settings, topic: str, lines: IO[bytes]) -> bytes:
    """The first line that follows, for one of the states that are sent until the command has found the topic's end."""
    for sequence in range(2, 100):
        send(settings, topic, encode_alert(finding(sequence=sequence, activity=2, count=4)))
        if select([lines], [], [], 0.5)[0]:
            break
    return lines.readline()


def test_alerts(pipeline: Settings, names: TopicNames) -> None:
    send(pipeline, names.alerts, encode_alert(finding()))
    with following("alerts") as lines:
        assert orjson.loads(send_until_shown(pipeline, names.alerts, lines))["count"] == 4


def test_a_table_begins_with_its_header_and_goes_on_with_what_is_new(pipeline: Settings, names: TopicNames) -> None:
    send(pipeline, names.alerts, encode_alert(finding()))
    with following("alerts", "--format", "table") as lines:
        assert lines.readline().startswith(b"time UTC    severity mails sender")
        shown = send_until_shown(pipeline, names.alerts, lines)
        assert re.search(rb"  4\+ .* > army\.ml for army\.mil", shown)


def test_hits(pipeline: Settings, names: TopicNames) -> None:
    send(pipeline, names.typo_hits, encode_hit(HITS[0]))
    with following("hits", "--domain", "army.ml") as lines:
        assert orjson.loads(lines.readline())["id"] == "h1"
        send(pipeline, names.typo_hits, encode_hit(HITS[7]), encode_hit(HITS[1]))
        assert orjson.loads(lines.readline())["id"] == "h2"
