"""A real console in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.broker.ports import free_ports
from tests.pipeline.worker import wait_until

START_SECONDS = 30.0
STOP_SECONDS = 20.0


class ConsoleProcess:
    """`straymail console` with these settings (names as in the environment, without STRAYMAIL_), on one port. `under`
    is a program that runs it."""

    def __init__(self, settings: Mapping[str, str], under: Sequence[str] = ()) -> None:
        self._under = under
        (self.port,) = free_ports(1)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STRAYMAIL_")}
        own = {f"STRAYMAIL_{name}": value for name, value in {"CONSOLE_PORT": str(self.port), **settings}.items()}
        self._environment = clean | own
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="straymail-console-")
        self._log = Path(self._folder.name) / "console.log"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def start(self) -> ConsoleProcess:
        """Start the console; returns when it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._under, sys.executable, "-m", "streams", "console"],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, seconds=START_SECONDS, what="the console answers")
        return self

    def __enter__(self) -> ConsoleProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        if kind is not None:
            print(f"--- the log of the console\n{self.log[-4000:]}")
        self._folder.cleanup()

    def stop(self) -> int:
        """Stop the console with SIGTERM; returns its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(STOP_SECONDS)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(STOP_SECONDS)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """Status and JSON of a response of the API."""
        request = urllib.request.Request(self.address + path.removeprefix("/"), headers=dict(headers or {}))  # noqa: S310 - to ourselves
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - to ourselves
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def memory_mb(self) -> float:
        """The peak of its resident memory in MB (Linux)."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) / 1000

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the console ended:\n{self.log[-4000:]}"
        return "The console is at" in self.log
