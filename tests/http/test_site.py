"""Half-open connections leave a server answering."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.http.flood import ask, half_open
from tests.http.servers import console, worker_pages

pytestmark = pytest.mark.process

ANSWER_SECONDS = 2.0


def seconds_to_answer(port: int, path: str) -> float:
    begun = time.monotonic()
    status, answer = ask(port, path)
    assert status == 200, answer
    return time.monotonic() - begun


def test_a_worker_answers_among_half_open_connections(tmp_path: Path) -> None:
    with worker_pages(tmp_path) as worker, half_open(worker.port, 1_100):
        for path in ("/health/live", "/health/ready", "/metrics"):
            assert seconds_to_answer(worker.port, path) < ANSWER_SECONDS
        assert "Traceback" not in worker.log


def test_a_console_answers_among_half_open_connections() -> None:
    with console() as served, half_open(served.port, 5_000):
        for path in ("/health", "/api/overview"):
            assert seconds_to_answer(served.port, path) < ANSWER_SECONDS
        assert "Traceback" not in served.log


def test_an_open_page_stays_open_among_half_open_connections() -> None:
    with console() as served, socket.create_connection(("127.0.0.1", served.port), timeout=5) as page:
        page.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = part = page.recv(65_536)
        with half_open(served.port, 1_100):
            while b"event: status" not in received:
                received += (part := page.recv(65_536))
                assert part, "it was closed"
            page.setblocking(False)
            with suppress(BlockingIOError):
                while part := page.recv(65_536):
                    pass
            assert part, "it was closed"
