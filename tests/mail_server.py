"""The base class of the tests' mail servers: starts and ends their processes, and submits mail to them."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from pathlib import Path

from tests.pipeline.worker import wait_until

START_SECONDS = 20.0
STOP_SECONDS = 30.0


class MailServer:
    """One instance with a folder of its own; `log` is its log, and `folder`/log has what its processes print."""

    folder: Path
    log: Path
    port: int

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
        """Poll the condition until it is true; fails with `what` after so many seconds."""
        wait_until(condition, seconds=seconds, what=what)

    def send(self, sender: str, recipients: Sequence[str], headers: Mapping[str, str] | None = None) -> None:
        """Submit one mail by SMTP; recipients that are refused at once are not an error."""
        message = EmailMessage()
        for name, value in ({"From": sender, "To": ", ".join(recipients)} | dict(headers or {})).items():
            message[name] = value
        message.set_content("Nothing of this is ever logged.\n")
        with smtplib.SMTP("127.0.0.1", self.port, local_hostname="desk.mod.example") as client:
            try:
                client.send_message(message, sender, list(recipients))
            except smtplib.SMTPRecipientsRefused:
                client.rset()

    def logged(self, text: str) -> int:
        """How many times the log has this text."""
        return self.log.read_text().count(text) if self.log.exists() else 0

    def _run(self, *command: str) -> None:
        with (self.folder / "log" / f"{Path(command[0]).name}.out").open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        self._processes.append(process)

    def _wait_until_it_answers(self) -> None:
        """Return when it answers on its port; where it doesn't, its processes are ended."""
        try:
            self.wait_until(self._answers, f"{type(self).__name__} answers on its port")
        except BaseException:
            self._end()
            raise

    def _answers(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=5):
                return True
        except OSError:
            return False

    def _end(self) -> None:
        """End the processes, the one started last first."""
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(STOP_SECONDS)


def stop_postfix(configuration: Path) -> None:
    """End the instance of this configuration: its master runs in a session of its own, where a signal to the process
    that was started doesn't reach it."""
    subprocess.run(
        ["postfix", "-c", str(configuration), "stop"], check=False, capture_output=True, timeout=STOP_SECONDS
    )
    assert not postfix_runs(configuration), f"Postfix of {configuration} is still running"


def postfix_runs(configuration: Path) -> bool:
    """Whether the master process of this configuration is running."""
    status = subprocess.run(["postfix", "-c", str(configuration), "status"], check=False, capture_output=True)
    return status.returncode == 0
