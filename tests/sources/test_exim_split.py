"""Entries that Exim splits for syslog."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from streams.errors import UnreadableRecord
from streams.sources import exim_split
from streams.sources.exim_split import UNFINISHED, SplitEntries
from streams.sources.registry import source_named
from streams.sources.source import Source
from tests.sources.read_log import IN_2026

START = "Nov 24 06:48:49 mx exim[%d]: "
ARRIVED = [
    '[1/3] 1rnZxA-0000Ab-1X <= desk@mod.example H=c [192.0.2.1] P=esmtp S=900 id=a@b T="A long',
    '[2\\3]  subject" for bob@ar',
    "[3/3] my.ml",
]
SENT = '1rnZxA-0000Ab-1X => bob@army.ml R=all T=smtp H=mx [192.0.2.9] C="250 ok"'


def read(*lines: str) -> tuple[list[tuple[str, list[str], str | None]], Source]:
    source = source_named("exim", IN_2026)
    events = [event for line in lines for event in source.read(line.encode())] + list(source.finish())
    return [(event.sender, event.recipients, event.subject) for event in events], source


def of(process: int, line: str) -> str:
    return START % process + line


MAIL = [("desk@mod.example", ["bob@army.ml"], "A long subject")]


def test_lines_of_other_processes_come_between() -> None:
    other = [of(8, line.replace("1rnZxA", "1rnZxB")) for line in ARRIVED]
    lines = [line for pair in zip([of(7, line) for line in ARRIVED], other, strict=True) for line in pair]
    found, source = read(*lines, of(7, SENT), of(8, SENT.replace("1rnZxA", "1rnZxB")))
    assert found == MAIL * 2
    assert not source.skipped


@pytest.mark.parametrize(
    "start",
    [
        "<22>1 2026-11-24T06:48:49Z mx exim 7 - - ",
        "2026-11-24T06:48:49.123+00:00 mx exim[7]: ",
        "Nov 24 06:48:49 mx exim: ",
    ],
)
def test_however_lines_begin(start: str) -> None:
    assert read(*(start + line for line in (*ARRIVED, SENT)))[0] == MAIL


def test_a_time_of_its_own_is_on_the_first_line() -> None:
    timed = [ARRIVED[0].replace("] ", "] 2026-11-23 05:00:00 ", 1), *ARRIVED[1:]]
    source = source_named("exim", IN_2026)
    events = [event for line in (*timed, SENT) for event in source.read(of(7, line).encode())]
    assert [event.time_ms for event in events] == [source.time_ms(of(7, timed[0]).encode())]
    assert events[0].time_ms == datetime(2026, 11, 23, 5, tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize("missing", [0, 1])
def test_a_line_whose_beginning_is_missing_is_a_problem(missing: int) -> None:
    lines = [of(7, line) for at, line in enumerate(ARRIVED) if at != missing]
    source = source_named("exim", IN_2026)
    for line in lines[:missing]:
        assert source.read(line.encode()) == []
    for line in lines[missing:]:
        with pytest.raises(UnreadableRecord, match="lines before"):
            source.read(line.encode())


def test_an_entry_whose_end_is_missing_is_counted() -> None:
    found, source = read(of(7, ARRIVED[0]), of(7, ARRIVED[0]), of(7, ARRIVED[1]), of(8, ARRIVED[0]), of(7, SENT))
    assert found == []
    assert source.skipped[UNFINISHED] == 3


def test_what_has_begun_takes_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exim_split, "BEGUN_KEPT", 10)
    skipped: Counter[str] = Counter()
    split = SplitEntries(skipped)
    for process in range(100):
        assert split.join(b"mx", b"exim[%d]: [1/2] x" % process, b"[1/2] x") is None
    assert skipped[UNFINISHED] == 90
    for number in range(1, 6):
        assert split.join(b"mx", b"", b"[%d/9999] " % number + b"x" * 60_000) is None
    with pytest.raises(UnreadableRecord):
        split.join(b"mx", b"", b"[6/9999] x")
