"""The demo runs to its end, on its own broker and on a given one, and cleans up."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from streams.cli.demo.child_process import WorkerProcess
from streams.cli.demo.run import demo_environment, paced
from streams.cli.publish.lines import Line
from streams.config import Settings, WebSettings
from streams.errors import StraymailError
from tests.broker.apache import ApacheKafka
from tests.broker.ports import free_ports

COMMAND = (sys.executable, "-m", "streams", "demo")
SHOWN = (
    "army.ml, probably meant for army.mil",
    "1,925 read",
    "1,898 scored, 19 bounce, 8 unreadable",
    "typo hits by slip",
    "dead letters",
    "console: http://127.0.0.1:",
)


@pytest.fixture
def clean_environment(tmp_path: Path) -> dict[str, str]:
    """Environment with a temporary folder of this test, and settings that the demo must ignore."""
    settings = {"STRAYMAIL_WATCHLIST": "/nonexistent", "STRAYMAIL_TOPIC_PREFIX": "not-this."}
    return {**os.environ, **settings, "TMPDIR": str(tmp_path), "COLUMNS": "200", "PYTHONUTF8": "1"}


@contextmanager
def running(environment: Mapping[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([*COMMAND, *arguments], env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.timeout(180)
def test_it_runs_to_its_end(clean_environment: dict[str, str], tmp_path: Path) -> None:
    begun = time.monotonic()
    done = subprocess.run(COMMAND, env=clean_environment, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun < 120
    for text in SHOWN:
        assert text in done.stdout
    assert re.search(r" high .* jhc-movements@mod\.gov\.uk sent .* army\.ml", done.stdout)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.timeout(180)
def test_on_a_given_kafka_its_topics_are_deleted(clean_environment: dict[str, str], apache_kafka: ApacheKafka) -> None:
    done = subprocess.run(
        [*COMMAND, "--brokers", apache_kafka.bootstrap],
        env=clean_environment,
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr
    assert "1,898 scored, 19 bounce, 8 unreadable" in done.stdout
    admin = AdminClient({"bootstrap.servers": apache_kafka.bootstrap})
    assert not [name for name in admin.list_topics(timeout=10).topics if name.startswith("straymail-demo-")]
    groups = admin.list_consumer_groups().result().valid
    assert not [group.group_id for group in groups if group.group_id.startswith("straymail-demo-")]


@pytest.mark.timeout(180)
def test_keep_runs_until_it_is_stopped(clean_environment: dict[str, str], tmp_path: Path) -> None:
    with running(clean_environment, "--keep") as demo:
        assert demo.stdout is not None
        while "In another terminal" not in (line := demo.stdout.readline()):
            assert line, "it ended before"
        assert any("--since" in demo.stdout.readline() for _ in range(3)), "what this broker can't do"
        workers = children(demo.pid)  # and the console
        assert len(workers) == 2
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    assert not any(is_alive(pid) for pid in workers)
    assert list(tmp_path.iterdir()) == []


def test_a_given_kafka_that_does_not_answer(clean_environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "--brokers", "127.0.0.1:1"], env=clean_environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 1
    assert done.stderr.startswith("straymail: ")
    assert "no Kafka broker answers at 127.0.0.1:1" in done.stderr


def test_only_security_settings_are_taken_from_the_environment() -> None:
    environment = {
        "HOME": "/h",
        "STRAYMAIL_GROUP": "mine",
        "STRAYMAIL_SECURITY_PROTOCOL": "SSL",
        "STRAYMAIL_BROKERS": "x:1",
    }
    made = demo_environment(environment, "a:1", "p.", 7000, 7001)
    assert (made["HOME"], made["STRAYMAIL_SECURITY_PROTOCOL"], made["STRAYMAIL_BROKERS"]) == ("/h", "SSL", "a:1")
    assert "STRAYMAIL_GROUP" not in made
    assert (made["STRAYMAIL_TOPIC_PREFIX"], made["STRAYMAIL_WEB_PORT"]) == ("p.", "7000")


def test_pacing_keeps_the_order_and_the_time() -> None:
    lines = [Line("f", number, b"") for number in range(120)]
    begun = time.monotonic()
    assert list(paced(lines, 0.3)) == lines
    assert 0.2 < time.monotonic() - begun < 5


def test_a_worker_that_ends_is_reported_with_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAYMAIL_NOSUCH", "1")
    with (
        pytest.raises(
            StraymailError, match=r"^the worker ended with exit code 2; its log ends with: .*STRAYMAIL_NOSUCH.*$"
        ),
        WorkerProcess(Settings(web=WebSettings(port=free_ports(1)[0]))),
    ):
        pass
