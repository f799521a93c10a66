"""Dead letters go back as they came."""

from __future__ import annotations

import pytest

from streams.config import Settings
from streams.errors import UnreadableRecord
from streams.events.dead_letter import DeadLetterContent, build_dead_letter, encode
from streams.events.privacy import Privacy
from streams.kafka.clients.read import KafkaRecord, read_to_end
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from tests.cli.conftest import Ran

PRIVACY = Privacy(b"a secret of this test")


def bury(
    sender: SyncProducer, reason: str, value: bytes, *, keep: DeadLetterContent = "whole", most: int = 10_000
) -> None:
    letter = build_dead_letter(
        UnreadableRecord(reason, "It can't be read."),
        topic="mail.events",
        partition=1,
        offset=7,
        time_ms=1_689_580_800_000,
        key=b"somebody",
        value=value,
        privacy=PRIVACY,
    )
    key, value_kept, headers = encode(letter, keep=keep, max_bytes=most)
    sender.send(value_kept, key=key, headers=headers)


@pytest.fixture
def letters(pipeline: Settings, names: TopicNames) -> Settings:
    """Four whole letters, one cut, one without its bytes, and something that is no dead letter."""
    with SyncProducer(pipeline, names.dead_letters) as sender:
        for number, reason in enumerate(("not-json", "not-json", "bad-address", "not-utf8")):
            bury(sender, reason, b"\xff%d" % number)
        bury(sender, "not-json", b"x" * 20_000)
        bury(sender, "not-json", b"secret", keep="metadata")
        sender.send(b"what is this")
    return pipeline


def events(settings: Settings, names: TopicNames) -> list[KafkaRecord]:
    return sorted(read_to_end(settings, names.events), key=lambda record: record.value or b"")


def test_whole_letters_go_back_with_their_place(letters: Settings, names: TopicNames, run: Ran) -> None:
    done = run("replay")
    assert done.status == 0
    assert "4 dead letters sent back (2 not-json, 1 bad-address, 1 not-utf8)" in done.err
    assert "2 can't be sent back" in done.err
    assert "1 records there are no dead letters" in done.err
    back = events(letters, names)
    assert [record.value for record in back] == [b"\xff0", b"\xff1", b"\xff2", b"\xff3"]
    buried = {record.value: record for record in read_to_end(letters, names.dead_letters)}
    for record in back:
        came_from = buried[record.value]
        place = f"{came_from.topic}/{came_from.partition}/{came_from.offset}".encode()
        assert record.headers == (("straymail-replayed", place),)
        assert record.key == came_from.key


@pytest.mark.parametrize(
    ("options", "values"),
    [
        (["--reason", "bad-address"], [b"\xff2"]),
        (["--reason", "bad-address", "--reason", "not-utf8"], [b"\xff2", b"\xff3"]),
        (["--reason", "empty"], []),
        (["--dry-run"], []),
    ],
)
def test_choices(letters: Settings, names: TopicNames, run: Ran, options: list[str], values: list[bytes]) -> None:
    assert run("replay", *options).status == 0
    assert [record.value for record in events(letters, names)] == values


def test_a_limit_holds(letters: Settings, names: TopicNames, run: Ran) -> None:
    assert "3 dead letters sent back" in run("replay", "--limit", "3").err
    assert len(events(letters, names)) == 3


def test_a_dry_run_counts(letters: Settings, run: Ran) -> None:
    assert "4 dead letters would be sent" in run("replay", "--dry-run").err


def test_an_unknown_reason_is_told(pipeline: Settings, run: Ran) -> None:
    done = run("replay", "--reason", "nosuch")
    assert done.status == 2
    assert "there is no reason nosuch: reasons are bad-address, " in done.err
