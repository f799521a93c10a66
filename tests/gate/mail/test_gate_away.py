"""Whatever happens to the gate: with the settings of docs/gate.md mail flows, and a log says why nobody was asked."""

from __future__ import annotations

import itertools
import random
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.gate.mail import page
from tests.gate.mail.asking import ASKED, RIGHT, plain
from tests.gate.mail.client import ACCEPTED, submit
from tests.gate.mail.exim import AskingExim
from tests.gate.mail.postfix import AskingPostfix
from tests.gate.mail.running_gate import RunningGate
from tests.http.flood import half_open
from tests.pipeline.worker import wait_until

SETTINGS = (page.POLICY, page.MILTER)
WRONG = "ops@army.ml"
SECONDS_STOPPED = 12.0
"""What a mail may take while the gate is stopped: 2 s for each of two recipients, 4 s for the milter, and some."""
CONNECTIONS, CONNECTIONS_KB = 10_000, 10
logins = (f"person{number}" for number in itertools.count())


class MailSystems:
    """Both mail systems, which ask the same gate."""

    def __init__(self, postfix: AskingPostfix, exim: AskingExim) -> None:
        self.postfix, self.exim = postfix, exim

    def send(self) -> list[dict[str, str]]:
        """What each of them answers to a mail of somebody who hasn't been asked yet."""
        return [
            submit(server.port, [RIGHT, WRONG], login=next(logins), message_id=f"<{next(logins)}@mod.example>")
            for server in (self.postfix, self.exim)
        ]

    def check_mail_flows(self, seconds: float = 5.0) -> None:
        """A mail passes in both, also to a mistaken domain."""
        begin = time.monotonic()
        assert self.send() == [{RIGHT: ACCEPTED, WRONG: ACCEPTED}] * 2
        assert time.monotonic() - begin < 2 * seconds

    def check_gate_asks(self) -> None:
        """Both refuse a mail to a mistaken domain again. A process of Postfix whose connection is gone passes one."""
        self.postfix.wait_until(lambda: [plain(replies[WRONG]) for replies in self.send()] == [ASKED] * 2, "they ask")


@pytest.fixture
def systems(gate: RunningGate, postfix: AskingPostfix, exim: AskingExim) -> Iterator[MailSystems]:
    found = MailSystems(postfix, exim)
    found.check_gate_asks()
    yield found
    assert "unexpected error" not in gate.log


@contextmanager
def instead_of(gate: RunningGate, **settings: str) -> Iterator[RunningGate]:
    """Another gate on the same addresses, which isn't ready; then the first again."""
    gate.kill()
    own = {"GATE_POLICY": f"127.0.0.1:{gate.policy}", "GATE_MILTER": f"127.0.0.1:{gate.milter}"}
    try:
        with RunningGate(becomes_ready=False, **own, **settings) as other:
            yield other
    finally:
        gate.start().wait_ready()


def test_a_gate_that_was_killed(systems: MailSystems, gate: RunningGate) -> None:
    gate.kill()
    systems.check_mail_flows()
    assert systems.postfix.logged("Connection refused") >= 2
    gate.start().wait_ready()
    systems.check_gate_asks()


def test_a_gate_that_was_stopped(systems: MailSystems, gate: RunningGate) -> None:
    gate.send_signal(signal.SIGSTOP)
    try:
        systems.check_mail_flows(SECONDS_STOPPED)
    finally:
        gate.send_signal(signal.SIGCONT)
    assert systems.postfix.logged("timed out") >= 2
    systems.check_gate_asks()


def test_a_gate_with_a_broken_watchlist(systems: MailSystems, gate: RunningGate, tmp_path: Path) -> None:
    broken = tmp_path / "watchlist.yaml"
    broken.write_text("watched: [")
    with instead_of(gate, WATCHLIST=str(broken)) as other:
        systems.check_mail_flows()
        assert other.faults("watchlist") >= 2
        assert str(broken) in other.log


def test_a_gate_without_its_broker(systems: MailSystems, gate: RunningGate) -> None:
    with instead_of(gate, GATE_STORE="kafka", BROKERS="127.0.0.1:1") as other:
        systems.check_mail_flows()
        assert other.faults() >= 2
        assert "no broker can be reached" in other.log
        wait_until(lambda: "passed without a judgement" in other.log, seconds=20, what="the log says so")


def test_a_gate_whose_file_is_none(systems: MailSystems, gate: RunningGate, tmp_path: Path) -> None:
    file = tmp_path / "gate.sqlite"
    file.write_text("this is no database, " * 100)
    with instead_of(gate, GATE_STORE=f"file:{file}") as other:
        systems.check_mail_flows()
        assert other.faults("store") >= 2
        assert str(file) in other.log


def test_thousands_of_connections(systems: MailSystems, gate: RunningGate) -> None:
    before_kb = gate.resident_kb
    with half_open(gate.policy, CONNECTIONS, b""), half_open(gate.milter, CONNECTIONS // 2, b""):
        systems.check_gate_asks()
        assert gate.resident_kb - before_kb < 1.5 * CONNECTIONS * CONNECTIONS_KB
    systems.check_gate_asks()


def test_garbage(systems: MailSystems, gate: RunningGate) -> None:
    chance, before_kb = random.Random(7), gate.resident_kb
    for port in (gate.policy, gate.milter):
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(chance.randbytes(chance.randrange(1, 60_000)))
    systems.check_gate_asks()
    assert gate.resident_kb - before_kb < 20_000
    assert gate.metric("straymail_gate_bad_requests_total", protocol="milter") > 250
