"""The end of a server while a client doesn't read what it has asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.gate.mail.running_gate import RunningGate
from tests.http.flood import unread
from tests.http.servers import gate_checks, worker_pages

pytestmark = pytest.mark.process

LONGEST_SECONDS = 12.0
"""systemd's `TimeoutStopSec` is 15 for a gate."""


@contextmanager
def pages_of_a_gate(_folder: Path) -> Iterator[RunningGate]:
    with RunningGate() as gate:
        yield gate
        assert gate.stop() == 0


@pytest.mark.parametrize(
    ("serving", "path"),
    [(pages_of_a_gate, "/metrics"), (worker_pages, "/metrics"), (gate_checks, "/v1/openapi.json")],
)
def test_it_ends_in_time(
    tmp_path: Path, serving: Callable[[Path], AbstractContextManager[RunningGate]], path: str
) -> None:
    with ExitStack() as clients:
        with serving(tmp_path) as server:
            clients.enter_context(unread(server.port, path))
            time.sleep(1)  # by then the server waits for the client
            begin = time.monotonic()
        assert time.monotonic() - begin < LONGEST_SECONDS
