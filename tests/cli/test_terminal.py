"""Output on a terminal: colours, a table, a progress bar, and JSON lines without control sequences."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from streams.cli.publish.run import sample_lines
from streams.clock import now_ms
from streams.config import Settings
from streams.events.alert import encode_alert
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from tests.cli.finding import finding

pytestmark = pytest.mark.process


def on_a_terminal(*arguments: str, columns: int = 80) -> str:
    """Output (stdout and stderr) of a command that runs on a terminal of this width."""
    master, slave = pty.openpty()
    plain = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "CI")}
    environment = plain | {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "streams", *arguments]
    with subprocess.Popen(command, stdout=slave, stderr=slave, stdin=slave, env=environment) as process:
        os.close(slave)
        output = b""
        try:
            while more := os.read(master, 65_536):
                output += more
        except OSError:  # EIO: Linux reports so that the other side is closed
            pass
        assert process.wait(60) == 0, output
    os.close(master)
    return output.decode()


@pytest.fixture
def alerts(pipeline: Settings, names: TopicNames) -> Settings:
    with SyncProducer(pipeline, names.alerts) as producer:
        producer.send(encode_alert(finding(sender="\x9b2J\u202e@mod.gov.uk")))
    return pipeline


def test_alerts_are_a_coloured_table(alerts: Settings) -> None:
    shown = on_a_terminal("alerts")
    assert "\x1b[1;31mhigh" in shown
    assert "army.\x1b[4;31mml\x1b[0m" in shown
    assert "1 finding\x1b" in shown
    assert not {"\x9b", "\u202e"} & set(shown)


def test_json_on_a_terminal_is_ascii(alerts: Settings) -> None:
    shown = on_a_terminal("alerts", "--json")
    assert shown.isascii()
    assert "\x1b" not in shown


def test_publish_shows_its_progress(tmp_path: Path, pipeline: Settings) -> None:
    lines = [line.value for line in sample_lines(now_ms())]
    (tmp_path / "mail.jsonl").write_bytes(b"\n".join(lines * 40))
    shown = on_a_terminal("publish", str(tmp_path / "mail.jsonl"))
    assert "━" in shown
    assert " a second" in shown
    assert f"{40 * len(lines):,} sent" in shown
