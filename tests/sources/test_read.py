"""Reading whole files, and what is counted."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from streams.errors import UsageError
from streams.sources.files import Problem
from streams.sources.read import ReadSummary, read_files, read_record
from streams.sources.registry import source_named
from tests.sources.read_log import SAMPLES

TIME_MS = 1_795_502_929_000


def event(number: int, time_ms: int = TIME_MS) -> bytes:
    fields = {"id": str(number), "time": time_ms, "sender": "jo@mod.example", "recipients": ["a@x.org"]}
    return orjson.dumps(fields)


def test_events_problems_and_times_are_counted() -> None:
    source, summary, problems = source_named("jsonl"), ReadSummary(), list[Problem]()
    for number, value in enumerate([event(1), b"{", event(2, TIME_MS - 5), event(3, TIME_MS + 5)], 1):
        list(read_record(source, value, "mail.jsonl", number, summary, problems.append))
    assert (summary.records, summary.events, summary.first_ms, summary.last_ms) == (4, 3, TIME_MS - 5, TIME_MS + 5)
    assert [(problem.file, problem.number, problem.reason) for problem in problems] == [("mail.jsonl", 2, "not-json")]


def test_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    files = [tmp_path / "1.jsonl", tmp_path / "2.jsonl"]
    for number, file in enumerate(files):
        file.write_bytes(event(number) + b"\nno\n")
    summary, problems = ReadSummary(), list[Problem]()
    names = [str(file) for file in files]
    events = read_files(source_named("jsonl"), names, summary, problems.append, now_ms=0)
    assert [each.id for each in events] == ["0", "1"]
    assert [(problem.file, problem.number) for problem in problems] == [(str(file), 2) for file in files]
    assert dict(summary.problems) == {"not-json": 2}


def test_a_file_that_is_missing_is_told_before_the_first_event(tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").write_bytes(event(1))
    names = [str(tmp_path / "1.jsonl"), str(tmp_path / "none")]
    with pytest.raises(UsageError, match="there is no such file"):
        next(read_files(source_named("jsonl"), names, ReadSummary(), print, now_ms=0))


def test_mails_that_are_open_at_the_end_are_events_too() -> None:
    summary = ReadSummary()
    files = [str(SAMPLES / "m365" / "summary.csv")]
    events = list(read_files(source_named("m365"), files, summary, print, now_ms=0))
    assert len(events) == summary.events == 3
