"""A real worker in its own process, as operators run it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from prometheus_client.parser import text_string_to_metric_families

from tests.broker.ports import free_ports

READY_SECONDS = 60.0
STOP_SECONDS = 30.0


class TookTooLongError(Exception):
    """A condition didn't become true in time."""


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Check the condition every 50 ms until it is true; raises TookTooLongError."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TookTooLongError(f"not within {seconds:g} s: {what}")
        time.sleep(0.05)


class WorkerProcess:
    """`straymail worker`, or another program, with these settings (names as in the environment, without STRAYMAIL_).
    `port` is where its pages are; by default a free one, as STRAYMAIL_WEB_PORT. `patience_s` is how long it may take to
    become ready."""

    def __init__(
        self,
        settings: Mapping[str, str],
        program: Sequence[str] = ("-m", "streams", "worker"),
        *,
        port: int | None = None,
        patience_s: float = READY_SECONDS,
    ) -> None:
        self._program, self._patience_s = program, patience_s
        self.port = port or free_ports(1)[0]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STRAYMAIL_")}
        own = {f"STRAYMAIL_{name}": value for name, value in {"WEB_PORT": str(self.port), **settings}.items()}
        self._environment = clean | own
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="straymail-worker-")
        self._log = Path(self._folder.name) / "worker.log"

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def peak_kb(self) -> int:
        """The peak of its resident memory so far, from Linux."""
        return self._status("VmHWM")

    @property
    def resident_kb(self) -> int:
        """Its resident memory now."""
        return self._status("VmRSS")

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))

    def start(self) -> WorkerProcess:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program], env=self._environment, stdout=log, stderr=log
            )
        return self

    def __enter__(self) -> WorkerProcess:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.running:
            self.kill()
        if kind is not None:
            print(f"--- the log of worker {self.pid}\n{self.log[-6000:]}")
        self._folder.cleanup()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait_ready(self) -> None:
        """Return when /health/ready answers 200."""

        def ready() -> bool:
            assert self.running, f"the worker ended:\n{self.log[-4000:]}"
            return self.get("/health/ready")[0] == 200

        wait_until(ready, seconds=self._patience_s, what="the worker is ready")

    def get(self, path: str) -> tuple[int, str]:
        """HTTP status and text of a page; (0, reason) where no answer comes."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        total = 0.0
        for family in text_string_to_metric_families(self.get("/metrics")[1]):
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    total += sample.value
        return total

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """Wait until the worker has ended; its exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop the worker by a signal; its exit code."""
        self.send_signal(number)
        return self.wait()

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
        self.wait()
