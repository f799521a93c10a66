"""A gate in a process of its own: it listens at once, takes new settings, and answers before it stops."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from streams.gate.process import GateProcess
from streams.gate.run import serve
from tests.broker.ports import free_ports
from tests.gate.gates import inputs_of
from tests.gate.mail.running_gate import WAIT_SECONDS, RunningGate
from tests.gate.policy_client import DUNNO, ask_policy
from tests.pipeline.worker import wait_until

pytestmark = pytest.mark.process

SLIP = "sam@army.ml"


def test_what_was_asked_outlives_the_process() -> None:
    with RunningGate() as gate:
        assert ask_policy(gate.policy, "sam@army.mil") == DUNNO
        assert "[straymail] army.ml is probably a mistake" in ask_policy(gate.policy, SLIP)
        assert gate.stop() == 0
        gate.start()
        gate.wait_ready()
        assert ask_policy(gate.policy, SLIP, instance="1").startswith("action=550 5.7.1 ")
        time.sleep(WAIT_SECONDS + 0.1)  # a person waits
        assert ask_policy(gate.policy, SLIP, instance="2") == DUNNO
        gate.kill()
        gate.start()
        gate.wait_ready()
        assert ask_policy(gate.policy, SLIP, instance="3") == DUNNO
        assert gate.stop(signal.SIGINT) == 0
        assert "army.ml" not in gate.log


def test_it_says_that_it_is_ready_only_once_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [port] = free_ports(1)
    answered: list[bool] = []

    def pages_answer() -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    @asynccontextmanager
    async def listening(*_: Any) -> AsyncIterator[None]:
        answered.append(await asyncio.to_thread(pages_answer))
        yield
        answered.append(await asyncio.to_thread(pages_answer))

    monkeypatch.setattr("streams.gate.run.listening", listening)
    process = GateProcess(inputs_of(port=port, store=f"file:{tmp_path / 'gate.sqlite'}"))

    async def serve_and_stop() -> int:
        serving = asyncio.ensure_future(serve(process, lambda: process.inputs))
        while not await asyncio.to_thread(pages_answer):  # noqa: ASYNC110  # nothing tells when they do
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)
        return await serving

    assert asyncio.run(serve_and_stop()) == 0
    assert answered == [False, False]


def test_new_settings_are_used_at_once_and_bad_ones_refused(tmp_path: Path) -> None:
    config = tmp_path / "gate.yaml"
    config.write_text("gate: {certain: audit}\n")
    with RunningGate(CONFIG=str(config)) as gate:
        assert ask_policy(gate.policy, SLIP) == DUNNO
        config.write_text("gate: {certain: confirm, connections: 5}\n")
        gate.send_signal(signal.SIGHUP)
        wait_until(lambda: "the new settings are in use" in gate.log, seconds=10, what="they are read")
        assert "the new settings are in use, except these, which need a restart: gate.connections" in gate.log
        assert ask_policy(gate.policy, SLIP) != DUNNO
        config.write_text("gate: {certain: confrim}\n")
        gate.send_signal(signal.SIGHUP)
        wait_until(lambda: "the new settings are refused" in gate.log, seconds=10, what="they are refused")
        assert ask_policy(gate.policy, "kim@army.ml") != DUNNO


def test_a_broken_watchlist_lets_mail_pass_until_it_is_right() -> None:
    with RunningGate(becomes_ready=False, WATCHLIST="/nonexistent/watchlist.yaml") as gate:
        assert ask_policy(gate.policy, SLIP) == DUNNO
        assert gate.get("/health/ready") == (503, "not ready: there is no valid watchlist\n")
        assert "all mail passes until there is a valid watchlist" in gate.log
        assert gate.faults("watchlist") == 1
    with RunningGate() as gate:
        good = gate.watchlist.read_text()
        gate.watchlist.write_text("watched: [\n")
        wait_until(lambda: "the new watchlist is refused" in gate.log, seconds=10, what="it is refused")
        assert ask_policy(gate.policy, SLIP) != DUNNO, "the old one stays in use"
        gate.watchlist.write_text(f"{good}allowed: [army.ml]\n")
        wait_until(lambda: ask_policy(gate.policy, SLIP) == DUNNO, seconds=10, what="the new one is in use")


def test_a_watchlist_that_was_missing_is_used_once_it_is_there(tmp_path: Path) -> None:
    late = tmp_path / "late.yaml"
    with RunningGate(becomes_ready=False, WATCHLIST=str(late)) as gate:
        late.write_text(gate.watchlist.read_text())
        gate.wait_ready()
        assert ask_policy(gate.policy, SLIP) != DUNNO


def test_without_its_broker_it_lets_mail_pass_and_stops_at_once() -> None:
    [nobody] = free_ports(1)
    with RunningGate(becomes_ready=False, GATE_STORE="kafka", BROKERS=f"127.0.0.1:{nobody}") as gate:
        assert ask_policy(gate.policy, SLIP) == DUNNO
        assert ask_policy(gate.policy, "sam@army.mil") == DUNNO
        assert gate.faults("store") == 1
        assert gate.get("/health/live")[0] == 200
        assert gate.get("/health/ready") == (503, "not ready: no broker can be reached\n")
        assert gate.stop() == 0


def gate_command(*arguments: str, **settings: str) -> tuple[int, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STRAYMAIL_")}
    ended = subprocess.run(
        [sys.executable, "-m", "streams", "gate", *arguments],
        env={**clean, **{f"STRAYMAIL_{name}": value for name, value in settings.items()}},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_what_it_cannot_start_with() -> None:
    code, text = gate_command()
    assert (code, text) == (
        2,
        "straymail: no address to listen on: give --policy, --milter or --http, or set gate.policy and so on\n",
    )
    code, text = gate_command("--policy", "10028")
    assert (code, "is no address to listen on" in text) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        pages, policy = free_ports(2)
        code, text = gate_command(
            "--policy", f"127.0.0.1:{port}", GATE_PORT=str(pages), GATE_STORE="file:/nonexistent/x"
        )
        assert (code, f"can't listen on 127.0.0.1:{port}" in text) == (1, True)
        code, text = gate_command("--policy", f"127.0.0.1:{policy}", GATE_PORT=str(port))
        assert (code, "gate.host and gate.port: can't listen" in text) == (2, True)


def test_the_default_text_can_be_edited(tmp_path: Path) -> None:
    code, text = gate_command("--reply")
    assert (code, text.count("\n")) == (0, 2)
    own = tmp_path / "reply.txt"
    own.write_text(text.replace("is probably a mistake for", "ist wohl ein Tippfehler von"))
    with RunningGate(GATE_REPLY=str(own)) as gate:
        assert "army.ml ist wohl ein Tippfehler von army.mil." in ask_policy(gate.policy, SLIP)
