"""A command on a terminal, as somebody has it who types what a page says."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r(?=\n)")


class Terminal:
    """A script in bash that runs `line`, in a session and on a terminal of its own."""

    def __init__(self, line: str, script: str, *, folder: Path, environment: Mapping[str, str]) -> None:
        self.line = line
        self._ours, theirs = pty.openpty()
        self._process = subprocess.Popen(
            ["bash", "-o", "pipefail", "-c", script],
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._written = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """What it has written so far, without colours."""
        return _CONTROL.sub("", self._written.decode(errors="replace"))

    @property
    def status(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int:
        """The exit code, once it has ended and all that it wrote is here; raises TimeoutExpired."""
        status = self._process.wait(seconds)
        self._reader.join(seconds)
        return status

    def interrupt(self, seconds: float) -> int:
        """Ctrl-C; the exit code. Raises TimeoutExpired, when it is gone all the same."""
        self._signal(signal.SIGINT)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, and what it has started."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self.status is None:
            os.killpg(self._process.pid, number)

    def _read(self) -> None:
        try:
            while more := os.read(self._ours, 65_536):
                self._written += more
        except OSError:  # EIO: Linux's way to say that nobody has the other side open
            pass
        os.close(self._ours)
