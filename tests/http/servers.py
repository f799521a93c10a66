"""The web servers, each in a process of its own with few open files allowed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.broker.ports import free_ports
from tests.console.process import ConsoleProcess

FEW_FILES = ("sh", "-c", 'ulimit -n 1024; exec "$0" "$@"')
"""Runs a program as most systems do: with 1,024 open files."""


class Served:
    """A running server: its port, and what it has logged."""

    def __init__(self, port: int, log: Path, health: str) -> None:
        self.port, self.health, self._log = port, health, log

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")


@contextmanager
def console(**settings: str) -> Iterator[ConsoleProcess]:
    """A console without Kafka."""
    with ConsoleProcess({"BROKERS": "127.0.0.1:1", **settings}, FEW_FILES) as process:
        yield process


def worker_pages(folder: Path) -> AbstractContextManager[Served]:
    """The web server of a worker."""
    return _served("tests.http.worker_pages", folder, "/health/live")


def gate_checks(folder: Path) -> AbstractContextManager[Served]:
    """The HTTP listener of a gate."""
    return _served("tests.http.gate_checks", folder, "/v1/openapi.json")


@contextmanager
def _served(module: str, folder: Path, health: str) -> Iterator[Served]:
    (port,) = free_ports(1)
    program = [*FEW_FILES, sys.executable, "-m", module, str(port)]
    log = folder / "server.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline() == b"listening\n", log.read_text()
        yield Served(port, log, health)
        process.stdin.close()
        assert process.wait(20) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
