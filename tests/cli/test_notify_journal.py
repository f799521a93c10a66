"""The journal on disk, as the command creates it, and what a dry run shows."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from streams.config import Settings
from streams.events.alert import encode_alert
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import topic_names
from tests.cli.conftest import RunCommand
from tests.cli.finding import finding


def test_the_journal_is_for_its_owner_alone_and_one_that_is_not_is_warned_of(
    pipeline: Settings, run: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "journal.sqlite"
    own = {"STATE": str(journal), "FROM_ADDRESS": "soc@mod.gov.uk"}
    for name, value in {f"NOTIFY_{name}": value for name, value in own.items()}.items():
        monkeypatch.setenv(f"STRAYMAIL_{name}", value)
    monkeypatch.setenv("STRAYMAIL_OWN_DOMAINS", "mod.gov.uk")
    first = run("notify", "--send", "--until-end")
    assert (first.exit_code, first.err) == (0, "")
    assert journal.stat().st_mode & 0o777 == 0o600
    journal.chmod(0o640)
    assert f"{journal} can be read by its group (mode 0640)" in run("notify", "--send", "--until-end").err
    assert [file.name for file in tmp_path.iterdir()] == [journal.name]


@pytest.mark.usefixtures("terminal")
def test_a_dry_run_shows_the_letter_on_a_terminal(
    pipeline: Settings, run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRAYMAIL_OWN_DOMAINS", "mod.gov.uk")
    with SyncProducer(pipeline, topic_names(pipeline).alerts) as to:
        to.send(encode_alert(finding(last_seen_ms=time.time_ns() // 1_000_000)), key=b"a1")
    shown = run("notify", "--until-end").out.decode()
    assert shown.startswith(
        "a1a1a1a1a1a1 dry-run to desk@mod.gov.uk\n  Subject: You sent mail to army.ml: did you mean army.mil?\n"
    )
    assert "\n  Replies are not read: call the security team.\n" in shown
