"""Dead letters are sent back with their original bytes."""

from __future__ import annotations

import pytest

from streams.config import Settings
from streams.errors import UnreadableRecord
from streams.events.dead_letter import DeadLetterContent, build_dead_letter, encode
from streams.events.privacy import Privacy
from streams.kafka.clients.read import KafkaRecord, read_to_end
from streams.kafka.clients.sync_producer import SyncProducer
from streams.kafka.topics.names import TopicNames
from tests.cli.conftest import RunCommand

PRIVACY = Privacy(b"a secret of this test")


def bury(
    producer: SyncProducer, reason: str, value: bytes, *, keep: DeadLetterContent = "whole", most: int = 10_000
) -> None:
    buried = build_dead_letter(
        UnreadableRecord(reason, "It can't be read."),
        topic="mail.events",
        partition=1,
        offset=7,
        time_ms=1_689_580_800_000,
        key=b"somebody",
        value=value,
        privacy=PRIVACY,
    )
    key, value_kept, headers = encode(buried, keep=keep, max_bytes=most)
    producer.send(value_kept, key=key, headers=headers)


@pytest.fixture
def dead_letters(pipeline: Settings, names: TopicNames) -> Settings:
    """Settings of a topic with four whole dead letters, one cut, one without its bytes, and some other record."""
    with SyncProducer(pipeline, names.dead_letters) as producer:
        for number, reason in enumerate(("not-json", "not-json", "bad-address", "not-utf8")):
            bury(producer, reason, b"\xff%d" % number)
        bury(producer, "not-json", b"x" * 20_000)
        bury(producer, "not-json", b"secret", keep="metadata")
        producer.send(b"what is this")
    return pipeline


def events(settings: Settings, names: TopicNames) -> list[KafkaRecord]:
    return sorted(read_to_end(settings, names.events), key=lambda record: record.value or b"")


def test_whole_dead_letters_are_sent_back_with_their_position(
    dead_letters: Settings, names: TopicNames, run: RunCommand
) -> None:
    done = run("replay")
    assert done.exit_code == 0
    assert "4 dead letters sent back (2 not-json, 1 bad-address, 1 not-utf8)" in done.err
    assert "2 can't be sent back" in done.err
    assert "1 skipped: no dead letters" in done.err
    back = events(dead_letters, names)
    assert [record.value for record in back] == [b"\xff0", b"\xff1", b"\xff2", b"\xff3"]
    buried = {record.value: record for record in read_to_end(dead_letters, names.dead_letters)}
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
def test_filters(
    dead_letters: Settings, names: TopicNames, run: RunCommand, options: list[str], values: list[bytes]
) -> None:
    assert run("replay", *options).exit_code == 0
    assert [record.value for record in events(dead_letters, names)] == values


def test_a_limit_is_observed(dead_letters: Settings, names: TopicNames, run: RunCommand) -> None:
    assert "3 dead letters sent back" in run("replay", "--limit", "3").err
    assert len(events(dead_letters, names)) == 3


def test_a_dry_run_counts(dead_letters: Settings, run: RunCommand) -> None:
    assert "4 dead letters would be sent" in run("replay", "--dry-run").err


def test_an_unknown_reason_is_an_error(pipeline: Settings, run: RunCommand) -> None:
    done = run("replay", "--reason", "nosuch")
    assert done.exit_code == 2
    assert "there is no reason 'nosuch': use bad-address, " in done.err
