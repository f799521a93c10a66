"""Runs a straymail command as a child process: starts it, waits until it is ready, stops it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from streams.clock import monotonic
from streams.config import Settings
from streams.errors import StraymailError

READY_S = 60.0
STOP_S = 35.0
"""Longer than the 25 s after which a worker ends a stop that hangs."""
POLL_S = 0.1
LOG_LINES = 15


class ChildProcess:
    """Context manager that runs `straymail NAME` in this environment and waits until it is ready.

    `address` is its base URL, without a slash at the end; `ready` is the path that answers 200 once it is ready.
    """

    def __init__(self, name: str, address: str, ready: str) -> None:
        self.address, self._name, self._ready = address, name, ready
        self._log = tempfile.NamedTemporaryFile(prefix=f"straymail-{name}-", suffix=".log")  # noqa: SIM115 - closed in __exit__
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "streams", self._name]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)  # noqa: S603
        try:
            self._wait_until_ready(monotonic() + READY_S)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _wait_until_ready(self, until: float) -> None:
        while self._page(self._ready) is None:
            self.check()
            if monotonic() > until:
                raise StraymailError(
                    f"the {self._name} isn't ready after {READY_S:g} s; its log ends with: {self._end_of_log()}"
                )
            time.sleep(POLL_S)

    def check(self) -> None:
        """Raise StraymailError, with the end of its log, if the process has ended."""
        if self._process is not None and (exit_code := self._process.poll()) is not None:
            raise StraymailError(
                f"the {self._name} ended with exit code {exit_code}; its log ends with: {self._end_of_log()}"
            )

    def _page(self, path: str) -> str | None:
        """The page at this path, None if nothing answers, or not with HTTP status 200."""
        try:
            with urlopen(self.address + path, timeout=5) as response:  # noqa: S310 - an http address on this machine
                text: str = response.read().decode()
                return text
        except (HTTPError, URLError, ConnectionError, TimeoutError):
            return None

    def _end_of_log(self) -> str:
        lines = Path(self._log.name).read_text(errors="replace").splitlines()
        return " | ".join(lines[-LOG_LINES:]) or "(nothing)"  # an error is shown as one line

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()


class WorkerProcess(ChildProcess):
    """Context manager that runs `straymail worker` in this environment."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("worker", f"http://{settings.web.host}:{settings.web.port}", "/health/ready")

    def metrics(self) -> str:
        """The worker's metrics in Prometheus's text format. Raises StraymailError if it has ended or doesn't answer."""
        self.check()
        page = self._page("/metrics")
        if page is None:
            raise StraymailError(f"the worker doesn't answer at {self.address}/metrics")
        return page
