"""`straymail learn`, on a broker."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from streams.config import Settings, load_settings
from streams.kafka.clients.read import read_to_end
from streams.kafka.topics.names import TopicNames
from streams.memory.memory import DAY_MS
from streams.memory.records import decode
from streams.memory.replica import BY_COMMANDS, Replica
from tests.cli.conftest import RunCommand

DAY = 20_400


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """A file of mail of two days: to two persons at a watched domain, and both ways with a domain near one."""
    events = [
        ("m.ross@mod.example", "j.smith@army.mil", 0, "delivered"),
        ("m.ross@mod.example", "k.jones@army.mil", 1, "delivered"),
        ("m.ross@mod.example", "x.lost@army.mil", 1, "failed"),
        ("m.ross@mod.example", "j.smith@army.ml", 1, "delivered"),
        ("a.diallo@army.ml", "m.ross@mod.example", 1, "delivered"),
        ("m.ross@mod.example", "someone@elsewhere.example", 1, "delivered"),
    ]
    path = tmp_path / "mails.jsonl"
    path.write_bytes(
        b"".join(
            orjson.dumps(
                {
                    "id": f"e{number}",
                    "time": (DAY + day) * DAY_MS,
                    "sender": sender,
                    "recipients": [to],
                    "delivery": delivery,
                }
            )
            + b"\n"
            for number, (sender, to, day, delivery) in enumerate(events)
        )
    )
    return path


@pytest.fixture
def watching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "watchlist.yaml"
    path.write_text("watched: [army.mil]\n")
    monkeypatch.setenv("STRAYMAIL_WATCHLIST", str(path))
    monkeypatch.setenv("STRAYMAIL_OWN_DOMAINS", "mod.example")


def restored(names: TopicNames) -> Replica:
    """What a worker would have after a restore."""
    settings = load_settings()
    memory = settings.memory(is_kept=True)
    assert memory is not None
    replica = Replica(memory)
    for record in read_to_end(settings, names.correspondents):
        assert decode(record.key, record.value, today=DAY + 9_000).partition == BY_COMMANDS
        replica.take(record.key, record.value, 0, today=DAY + 9_000, assigned=())
    return replica


@pytest.mark.usefixtures("watching")
def test_what_history_teaches_is_in_the_topic_however_often_it_is_read(
    pipeline: Settings, names: TopicNames, mails: Path, run: RunCommand
) -> None:
    done = run("learn", "jsonl", str(mails))
    assert (done.exit_code, done.out) == (0, b"")
    assert done.err.splitlines()[-1] == (
        "known: 2 persons at watched domains (2 new), 1 domain near them (1 new), from 2025-11-08 on"
    )
    memory = restored(names).memory
    assert memory.person("j.smith", "army.mil", DAY + 1) is not None
    assert memory.person("x.lost", "army.mil", DAY + 9) is None
    army_ml = memory.correspondent("army.ml", DAY + 9)
    assert army_ml is not None
    assert (army_ml.days_out, army_ml.days_in) == (1, 1)
    again = run("learn", "jsonl", str(mails))
    assert "2 persons at watched domains (0 new), 1 domain near them (0 new)" in again.err
    assert len(list(read_to_end(pipeline, names.correspondents))) == 4, "with the days with mail"


@pytest.mark.usefixtures("watching")
def test_mail_dated_in_the_future_replaces_nothing_that_is_known(
    names: TopicNames, mails: Path, run: RunCommand, tmp_path: Path
) -> None:
    run("learn", "jsonl", str(mails))
    known = restored(names).memory.person("j.smith", "army.mil", DAY + 9)
    future = tmp_path / "future.jsonl"
    sent = {
        "id": "f",
        "time": "2090-01-01T00:00:00Z",
        "sender": "j.smith@army.mil",
        "recipients": ["m.ross@mod.example"],
    }
    future.write_bytes(orjson.dumps(sent | {"delivery": "delivered"}) + b"\n")
    done = run("learn", "jsonl", str(future))
    assert done.exit_code == 1
    assert "1 mail event dated in the future taught nothing" in done.err
    assert known is not None
    assert restored(names).memory.person("j.smith", "army.mil", DAY + 9) == known


@pytest.mark.usefixtures("watching")
def test_a_dry_run_needs_no_kafka(mails: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAYMAIL_BROKERS", "127.0.0.1:1")
    monkeypatch.setenv("STRAYMAIL_PRIVACY_KEY", "a secret of this test")
    done = run("learn", "jsonl", "--dry-run", str(mails))
    assert done.exit_code == 0
    assert "2 persons at watched domains (2 new)" in done.err


@pytest.mark.usefixtures("watching")
def test_who_was_forgotten_is_not_learned_again(names: TopicNames, mails: Path, run: RunCommand) -> None:
    run("learn", "jsonl", str(mails))
    assert run("forget", "J.Smith+lists@army.mil", "army.ml").err.splitlines() == [
        "J.Smith+lists@army.mil: 1 record erased; it is not remembered again",
        "army.ml: 1 record erased; it is not remembered again",
    ]
    assert "1 person at watched domains (0 new), 0 domains near them (0 new)" in run("learn", "jsonl", str(mails)).err
    memory = restored(names).memory
    assert (memory.persons, memory.correspondents) == (1, 0)


@pytest.mark.usefixtures("watching")
def test_without_a_secret_key_persons_are_not_remembered(
    pipeline: Settings, names: TopicNames, mails: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRAYMAIL_PRIVACY_KEY")
    assert "0 persons at watched domains (0 new), 1 domain near them" in run("learn", "jsonl", str(mails)).err
    assert len(list(read_to_end(pipeline, names.correspondents))) == 2, "with the days with mail"


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [("OWN_DOMAINS", "", "set own_domains"), ("KNOWLEDGE_ENABLED", "false", "set knowledge.enabled")],
)
@pytest.mark.usefixtures("watching")
def test_without_a_memory_nothing_can_be_learned(
    mails: Path, run: RunCommand, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, remedy: str
) -> None:
    monkeypatch.setenv(f"STRAYMAIL_{setting}", value)
    done = run("learn", "jsonl", "--dry-run", str(mails))
    assert done.exit_code == 2
    assert remedy in done.err


@pytest.mark.usefixtures("watching")
def test_unreadable_records_are_reported_and_the_rest_is_learned(mails: Path, run: RunCommand, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"rubbish\n" + mails.read_bytes())
    done = run("learn", "jsonl", "--dry-run", str(bad))
    assert done.exit_code == 1
    assert f"{bad}:1: not-json" in done.err
    assert "1 domain near them (1 new)" in done.err
