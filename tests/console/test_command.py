"""`straymail console` as a command: starting, stopping, and refusing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request

import pytest

from streams.config import load_settings
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.topics.names import wanted_topics
from tests.console.process import ConsoleProcess

pytestmark = pytest.mark.process


def refused(**settings: str) -> tuple[int, str]:
    """Exit code and message of a console that doesn't start."""
    own = {f"STRAYMAIL_{name}": value for name, value in {"BROKERS": "127.0.0.1:1", **settings}.items()}
    ended = subprocess.run(
        [sys.executable, "-m", "streams", "console"], env=os.environ | own, capture_output=True, text=True, timeout=60
    )
    return ended.returncode, ended.stderr


def test_it_stops_when_asked_to_with_a_page_open(embedded_broker: EmbeddedBroker) -> None:
    embedded_broker.create_topics({topic.name: 1 for topic in wanted_topics(load_settings())})
    with (
        ConsoleProcess({"BROKERS": embedded_broker.bootstrap}) as console,
        urllib.request.urlopen(f"{console.address}api/events", timeout=30) as events,  # noqa: S310 - to ourselves
    ):
        assert events.readline() == b"retry: 1000\n"
        assert console.stop() == 0
        assert console.log == f"The console is at {console.address} (Ctrl-C stops it)\n"


def test_without_kafka_it_serves() -> None:
    with ConsoleProcess({"BROKERS": "127.0.0.1:1"}) as console:
        status, overview = console.get("/api/overview")
        assert (status, overview["findings"]) == (200, 0)
        assert console.stop() == 0


def test_a_port_in_use_is_reported() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, message = refused(CONSOLE_PORT=str(port))
    assert code == 1
    assert message == (
        f"straymail: can't serve the console on 127.0.0.1, port {port} (Address already in use): "
        "set console.host to an address of this machine, and console.port to a free port\n"
    )


def test_it_refuses_to_be_open_to_the_network() -> None:
    code, message = refused(CONSOLE_HOST="0.0.0.0")  # noqa: S104 - it must not
    assert code == 2
    assert message.startswith("straymail: console.host is 0.0.0.0, where others can reach the console: ")
