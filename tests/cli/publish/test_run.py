"""Mail events from files are sent unchanged, and lines that are none are reported."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest

from streams.clock import now_ms
from streams.config import Settings
from streams.data.samples import sample_events, unreadable_records
from streams.events.privacy import Privacy
from streams.kafka.clients.read import read_to_end
from streams.kafka.topics.names import TopicNames
from tests.cli.conftest import RunCommand


def test_events_arrive_byte_for_byte_with_a_digest_as_key(
    tmp_path: Path, pipeline: Settings, names: TopicNames, run: RunCommand
) -> None:
    lines = [orjson.dumps(event, option=orjson.OPT_INDENT_2).replace(b"\n", b" ") for event in sample_events(now_ms())][
        :300
    ]
    (tmp_path / "mail.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines)))
    done = run("publish", str(tmp_path / "mail.jsonl.gz"))
    assert done.exit_code == 0
    assert "300 sent" in done.err
    records = list(read_to_end(pipeline, names.events))
    assert sorted(record.value or b"" for record in records) == sorted(lines)
    privacy = Privacy(b"a secret of this test")
    for record in records:
        sender = orjson.loads(record.value or b"")["sender"]
        assert record.key == (privacy.digest(sender).encode() if sender else None)


def test_the_sample_can_be_sent(pipeline: Settings, names: TopicNames, run: RunCommand) -> None:
    assert run("publish", "--sample", "--compression", "zstd").exit_code == 0
    assert sum(1 for _ in read_to_end(pipeline, names.events)) == sum(1 for _ in sample_events(0))


def test_unreadable_lines_are_reported_and_not_sent(
    tmp_path: Path, pipeline: Settings, names: TopicNames, run: RunCommand
) -> None:
    bad = tmp_path / "bad.jsonl"
    good = orjson.dumps(next(sample_events(now_ms())))
    bad.write_bytes(b"\n".join([*unreadable_records(), good]))
    done = run("publish", str(bad))
    assert done.exit_code == 1
    assert f"{bad}:1: not-json: " in done.err
    assert f"{bad}:3: not-utf8: " in done.err
    assert "1 sent" in done.err
    assert "8 unreadable" in done.err
    assert [record.value for record in read_to_end(pipeline, names.events)] == [good]


def test_raw_sends_them_anyway(tmp_path: Path, pipeline: Settings, names: TopicNames, run: RunCommand) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b"\n".join(unreadable_records()))
    assert run("publish", "--raw", str(tmp_path / "bad.jsonl")).exit_code == 1
    values = {record.value for record in read_to_end(pipeline, names.events)}
    assert values == set(unreadable_records())


def test_only_the_first_unreadable_lines_are_listed(tmp_path: Path, pipeline: Settings, run: RunCommand) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b"no\n" * 50)
    done = run("publish", str(tmp_path / "bad.jsonl"))
    assert done.err.count("bad.jsonl:") == 20
    assert "30 more problems" in done.err


@pytest.mark.kafka  # it waits for seconds
def test_without_topics_the_error_says_what_to_do(environment: Settings, run: RunCommand) -> None:
    done = run("publish", "--sample")
    assert done.exit_code == 1
    assert "run `straymail topics create`" in done.err
    assert done.err.count("\n") == 1
