"""`straymail import`: files to JSON lines and to Kafka, and following a log."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from streams.cli.import_.plan import Plan
from streams.cli.import_.run import _destination
from streams.config import load_settings
from streams.events.privacy import Privacy
from streams.kafka.clients.read import read_to_end
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.topics.names import topic_names, wanted_topics
from tests.cli.conftest import RunCommand
from tests.pipeline.worker import wait_until
from tests.sources.read_log import SAMPLES

LOG = SAMPLES / "postfix" / "mail.log"


def test_dry_run_writes_json_lines_and_a_summary(run: RunCommand) -> None:
    done = run("import", "postfix", "--dry-run", "--timezone", "UTC", "--year", "2026", str(LOG))
    assert done.exit_code == 0
    assert len(done.rows) == 12
    assert {row["source"] for row in done.rows} == {"postfix"}
    assert "89 records read" in done.err
    assert "12 mail events from 2026-11-24 to 2026-11-24" in done.err


def test_output_to_a_file_and_back(tmp_path: Path, run: RunCommand) -> None:
    written = tmp_path / "events.jsonl"
    assert run("import", "postfix", "--name", "mx1", "-o", str(written), str(LOG)).out == b""
    assert written.stat().st_mode & 0o777 == 0o600
    again = run("import", "jsonl", "--dry-run", str(written))
    assert again.out == written.read_bytes()
    assert {row["source"] for row in again.rows} == {"mx1"}


def test_times_without_offset_are_in_the_given_zone(run: RunCommand) -> None:
    times = {
        zone: run("import", "postfix", "--dry-run", "--timezone", zone, "--year", "2026", str(LOG)).rows[0]["time"]
        for zone in ("UTC", "Asia/Tokyo")
    }
    assert times["UTC"] == 1795502929000
    assert times["Asia/Tokyo"] == 1795502929000 - 9 * 3_600_000


def test_unreadable_records_are_reported_counted_and_left_out(tmp_path: Path, run: RunCommand) -> None:
    bad = tmp_path / "mail.log"
    bad.write_bytes(b"rubbish\n" * 30 + LOG.read_bytes() + b"Nov 24 06:49:00 mx1 dovecot: hello\nNov 24 06:4")
    done = run("import", "postfix", "--dry-run", str(bad))
    assert done.exit_code == 1
    assert len(done.rows) == 12
    assert f"straymail: {bad}:1: bad-value: This is not a line of a mail log.\n" in done.err
    assert "11 more problems" in done.err
    assert "skipped: lines of other programs (1)" in done.err
    assert "could not be read: 31 bad-value" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["postfix"], "give a SOURCE and its FILES"),
        (["postfix", "--finish", "--dry-run", str(LOG)], "--finish ends a history in Kafka"),
        (["postfix", "--follow", str(LOG)], "--follow needs --position FILE"),
        (["postfix", "--from-start", str(LOG)], "can only be used with --follow"),
        (["postfix", "--follow", "--position", "p", str(LOG), str(LOG)], "reads exactly one file"),
        (["m365", "--from-topic", "t", str(LOG)], "--from-topic is read instead of FILES"),
        (["m365", "--from-topic", "t"], "--from-topic needs --position FILE"),
        (["m365", "--from-config", "c", str(LOG)], "--from-config can only be used with --from-topic"),
        (["m365", "--finish", "--from-topic", "t", "--position", "p"], "--finish ends a history in Kafka"),
        (["postfix", "--dry-run", "--from-topic", "t", "--position", "p"], "postfix can't be read from a topic"),
        (["m365", "--dry-run", "--follow", "--position", "p", str(LOG)], "can't be followed"),
        (["postfix", "--dry-run", "no-such-file"], "there is no such file"),
        (["postfix", "--dry-run", str(LOG.parent)], "is a folder: name its files"),
        (["postfix", "--dry-run", "--timezone", "Moon/Base", str(LOG)], "there is no time zone 'Moon/Base'"),
        (["nosuch", str(LOG)], "SOURCE: 'nosuch' can't be used: use postfix, exim"),
    ],
)
def test_wrong_calls(
    arguments: list[str], message: str, tmp_path: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("import", *arguments)
    assert done.exit_code == 2
    assert message in done.err
    assert done.err.count("\n") == 1


@pytest.fixture
def topics(one_broker: EmbeddedBroker, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[bytes]]:
    """Function that reads the mail events of one of two pipelines, live and history, whose topics exist."""
    monkeypatch.setenv("STRAYMAIL_BROKERS", one_broker.bootstrap)
    monkeypatch.setenv("STRAYMAIL_TOPIC_PREFIX", prefix)
    monkeypatch.setenv("STRAYMAIL_TOPICS_CREATE", "false")
    monkeypatch.setenv("STRAYMAIL_PRIVACY_KEY", "a secret of this test")
    settings = {kind: load_settings(overrides={"topic_prefix": kind + prefix}) for kind in ("", "history.")}
    for one in settings.values():
        one_broker.create_topics({topic.name: topic.partitions for topic in wanted_topics(one)})

    def read(kind: str) -> list[bytes]:
        records = list(read_to_end(settings[kind], topic_names(settings[kind]).events))
        privacy = Privacy(b"a secret of this test")
        for record in records:
            sender = orjson.loads(record.value or b"")["sender"]
            assert record.key == (privacy.digest(sender).encode() if sender else None)
        return sorted(record.value or b"" for record in records)

    return read


def test_history_goes_to_separate_topics(topics: Callable[[str], list[bytes]], run: RunCommand) -> None:
    expected = sorted(run("import", "postfix", "--dry-run", str(LOG)).out.splitlines())
    done = run("import", "postfix", str(LOG))
    assert done.exit_code == 0
    assert topics("history.") == expected
    assert topics("") == []
    assert re.search(r"sent to history\.\S+mail\.events, which workers with STRAYMAIL_TOPIC_PREFIX=history\.", done.err)
    assert done.err.endswith("read; straymail import --finish then ends the history\n")
    done = run("import", "postfix", "--live", str(LOG))
    assert done.exit_code == 0
    assert topics("") == expected
    assert re.search(r"sent to (?!history)\S+mail\.events as live mail", done.err)


def test_a_history_with_another_prefix_is_ended_by_it() -> None:
    plan = Plan("postfix", ("x",), prefix="year.")
    assert _destination(plan, load_settings()).endswith("import --finish --prefix year. then ends the history")
    assert _destination(replace(plan, finish=True), load_settings()).endswith("to read it")


@pytest.mark.parametrize("command", [["import", "postfix", "--dry-run"], ["backtest", "postfix", "--jobs", "1"]])
def test_a_log_of_another_program_says_so_in_one_line(command: list[str], watchlist: Path, run: RunCommand) -> None:
    options = ["--watchlist", str(watchlist)] if command[0] == "backtest" else []
    for kind, file in {"exim": "exim/mainlog", "m365": "m365/powershell.csv"}.items():
        done = run(*command, *options, str(SAMPLES / file))
        assert done.err.count("no mail was found") == 1
        assert f"straymail: no mail was found, and {SAMPLES / file} reads as a log for the source {kind}\n" in done.err
    assert "no mail was found" not in run(*command, *options, str(LOG)).err


def test_a_file_that_others_can_read_is_warned_of(tmp_path: Path, run: RunCommand) -> None:
    output = tmp_path / "events.jsonl"
    warning = f"straymail: {output} can be read by its group and others (mode 0644): run chmod 600 {output}"
    assert warning not in run("import", "postfix", "-o", str(output), str(LOG)).err
    assert output.stat().st_mode & 0o777 == 0o600
    output.chmod(0o644)
    assert warning in run("import", "postfix", "-o", str(output), str(LOG)).err


def follower(log: Path, position: Path, output: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "streams", "import", "postfix", "--follow", "--from-start", "--dry-run"]
    with output.open("ab") as file:
        return subprocess.Popen([*command, "--position", str(position), str(log)], stdout=file, stderr=subprocess.PIPE)


@pytest.mark.process
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_follower_resumes_where_it_was(tmp_path: Path, by: signal.Signals, run: RunCommand) -> None:
    """Nothing is lost, and an event that is sent again has the same id."""
    log, position, output = tmp_path / "mail.log", tmp_path / "position", tmp_path / "out.jsonl"
    lines = LOG.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:40]) + lines[40][:30])
    process = follower(log, position, output)
    wait_until(position.exists, seconds=30, what="a position was saved")
    process.send_signal(by)
    _, err = process.communicate(timeout=30)
    assert process.returncode == (0 if by == signal.SIGTERM else -signal.SIGKILL), err
    with log.open("ab") as file:
        file.write(lines[40][30:] + b"".join(lines[41:]))
    expected = {row["id"] for row in run("import", "postfix", "--dry-run", str(log)).rows}
    assert position.stat().st_mode & 0o777 == 0o600
    position.chmod(0o644)
    process = follower(log, position, output)

    def ids() -> set[str]:
        written = output.read_bytes()
        return {orjson.loads(line)["id"] for line in written[: written.rfind(b"\n") + 1].splitlines()}

    wait_until(lambda: expected <= ids(), seconds=30, what="the follower has sent all events")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert f"straymail: {position} can be read by its group and others (mode 0644): run chmod 600" in err.decode()
    assert position.stat().st_mode & 0o777 == 0o644
    repeats = output.read_bytes().count(b'"message_id":"<1@mod.example>"')
    assert repeats <= 2


@pytest.mark.process
def test_a_follower_keeps_going_whatever_a_stranger_writes(tmp_path: Path) -> None:
    log, position, output = tmp_path / "mail.log", tmp_path / "position", tmp_path / "out.jsonl"
    start = b"Nov 24 06:48:49 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[6.6.6.6]: 554 "
    cut_short = b"; from=<a> to=<b> proto=" * 85
    log.write_bytes(LOG.read_bytes() + (start + cut_short + b"\n") * 50 + start + b"x" * 200_000 + b"\n")
    process = follower(log, position, output)
    wait_until(position.exists, seconds=30, what="a position was saved")
    with log.open("ab") as file:
        file.write(LOG.read_bytes().replace(b"army.ml", b"navy.ml"))
    wait_until(lambda: b"bob@navy.ml" in output.read_bytes(), seconds=30, what="what was written later was read")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert b"could not be read: 50 bad-value, 1 too-long" in err
    assert process.returncode == 1, "some lines could not be read"


@pytest.mark.process
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_a_topic_is_read_to_the_end_and_on_after_a_restart(
    one_broker: EmbeddedBroker,
    topics: Callable[[str], list[bytes]],
    prefix: str,
    tmp_path: Path,
    by: signal.Signals,
    run: RunCommand,
) -> None:
    """The topic is in a Kafka of its own, which the environment says nothing about."""
    sample = SAMPLES / "defender" / "eventhubs.json"
    first, *others = sample.read_bytes().splitlines()
    expected = {row["message_id"] for row in run("import", "defender", "--dry-run", str(sample)).rows}
    config, position, topic = tmp_path / "hub.yaml", tmp_path / "position", f"{prefix}hub"
    config.write_text(f"brokers: {one_broker.bootstrap}\n")
    one_broker.create_topics({topic: 2})
    hub = load_settings(config, is_alone=True)
    source = ["--from-topic", topic, "--from-config", str(config), "--from-start", "--position", str(position)]
    command = [sys.executable, "-m", "streams", "import", "defender", *source]

    def mails() -> set[str]:
        return {orjson.loads(value)["message_id"] for value in topics("")}

    def importing(until: Callable[[], bool]) -> str:
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
        try:
            wait_until(until, seconds=60, what="what is in the topic was read")
        finally:
            process.send_signal(by)
            _, err = process.communicate(timeout=30)
        assert process.returncode == (-signal.SIGKILL if by == signal.SIGKILL else 1 if b"could not" in err else 0), err
        return err.decode()

    with SyncProducer(hub, topic) as producer:
        producer.send(first, partition=0)
        producer.flush()
        importing(lambda: bool(mails()))
        for value in (b'{"records": [{"cut', *others):
            producer.send(value, partition=1)
        producer.flush()
    err = importing(lambda: mails() >= expected)
    assert by == signal.SIGKILL or "could not be read: 1 not-json" in err
    assert f"straymail: {topic}[1]@0: not-json" in err
    assert mails() == expected
    again = run("import", "defender", "--from-topic", "other", "--position", str(position))
    assert (again.exit_code, f"is the position in {topic}" in again.err) == (2, True)
