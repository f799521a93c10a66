"""What strangers write into logs and mails costs no more time than its length, and stops no run."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.mail import MailEvent, encode
from streams.sources.record import RECORD_BYTES
from streams.sources.registry import SOURCES, source_named
from streams.sources.source import Source
from tests.sources import fuzz, hostile
from tests.sources.read_log import IN_2026, read

pytestmark = pytest.mark.fuzz

LINE_S, ROW_S, MAIL_S = 0.05, 0.2, 1.5
"""The most seconds of processor time for a line of a log of 64 KB, for one of 256 KB of a sensor or an export, and for
the header of a mail: three times what the slowest takes alone on a core, and far less than what grows by the square."""
FUZZ_S = 10.0
"""How long each source is fuzzed: two minutes for all of them."""
GOOD_MAIL = b"From: a@mod.example\nTo: b@army.ml\nDate: Tue, 24 Nov 2026 06:48:49 +0000\n"


def read_all(source: Source, records: Iterable[bytes]) -> list[MailEvent]:
    """The events, each of which can be sent."""
    events: list[MailEvent] = []
    for record in records:
        with suppress(UnreadableRecord):
            events += source.read(record)
    events += source.finish()
    for event in events:
        encode(event)
    return events


def is_slow(kind: str, limit_s: float, *records: bytes) -> bool:
    """Whether reading takes more processor time, three times in a row: others use this machine too."""
    return all(_seconds(kind, records) > limit_s for _ in range(3))


def _seconds(kind: str, records: Iterable[bytes]) -> float:
    begun = time.thread_time()
    read_all(source_named(kind, IN_2026), records)
    return time.thread_time() - begun


@pytest.mark.parametrize("size", [2_000, 64 * 1024])
@pytest.mark.parametrize(
    ("kind", "lines"),
    [("postfix", hostile.postfix_lines), ("exim", hostile.exim_lines), ("sendmail", hostile.sendmail_lines)],
)
def test_lines_of_mail_servers(kind: str, lines: hostile.MakeLines, size: int) -> None:
    for line in lines(size):
        assert not is_slow(kind, LINE_S, line), (line[:160], line[-60:])


@pytest.mark.parametrize("kind", ["zeek", "suricata", "m365", "google", "jsonl"])
def test_lines_of_sensors_and_exports(kind: str) -> None:
    for records in hostile.rows(kind, 256 * 1024):
        assert not is_slow(kind, ROW_S, *records), (records[-1][:160], records[-1][-60:])


@pytest.mark.parametrize("part", [b"%x@b", b"a@b", b"a", b"", b"\\xff%x@b"])
def test_a_list_as_long_as_a_line_of_zeek_may_be(part: bytes) -> None:
    parts = b",".join(part % number if b"%" in part else part for number in range(300_000))
    line = (b"1795502929.1\ta@b\t" + parts)[: source_named("zeek").record_bytes]
    assert not is_slow("zeek", ROW_S, b"#fields\tts\tmailfrom\trcptto", line)


def test_headers_of_mails() -> None:
    for header in hostile.headers(GOOD_MAIL, RECORD_BYTES):
        assert not is_slow("eml", MAIL_S, header), (header[:160], header[-60:])


pieces = st.lists(st.sampled_from(hostile.RUNS) | st.text(max_size=3), min_size=1, max_size=4).map("".join)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(hostile.POSTFIX_STARTS), pieces, st.sampled_from(hostile.POSTFIX_ENDS), st.integers(1, 20_000))
def test_any_line_of_postfix(start: str, run: str, end: str, times: int) -> None:
    record = f"Nov 24 06:48:49 mx1 postfix/smtpd[1]: {start}{run * times}".encode()[:60_000] + end.encode()
    assert not is_slow("postfix", LINE_S, record)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(hostile.EXIM_STARTS), pieces, st.sampled_from(hostile.EXIM_ENDS), st.integers(1, 20_000))
def test_any_line_of_exim(start: str, run: str, end: str, times: int) -> None:
    record = f"2026-11-24 07:38:52 {start}{run * times}".encode()[:60_000] + end.encode()
    assert not is_slow("exim", LINE_S, record)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(hostile.FIELDS), pieces, st.integers(1, 400_000))
def test_any_header(name: str, run: str, times: int) -> None:
    """Its events can be encoded, whatever its words are said to be encoded in."""
    field = f"{name}: {run * times}".encode(errors="surrogatepass")[: RECORD_BYTES - 1_000]
    assert not is_slow("eml", MAIL_S, GOOD_MAIL + field)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"To: x" + b"(" * 900_000, "parts"),
        (b"X: y\n" * 5_000, "fields"),
        (b" \n" * 70_000, "lines"),
        (b"Resent-To: a@b\nReceived: x\n" * 500, "resent"),
    ],
)
def test_one_bad_mail_is_one_problem(tmp_path: Path, header: bytes, reason: str) -> None:
    separator = b"From x Tue Nov 24 06:48:49 2026\n"
    mails = [GOOD_MAIL, GOOD_MAIL + header.rstrip(b"\n") + b"\n", GOOD_MAIL]
    (tmp_path / "box").write_bytes(b"\n".join(separator + mail + b"\nBody\n" for mail in mails))
    events, problems, _ = read("mbox", [tmp_path / "box"])
    assert [event.recipients for event in events] == [["b@army.ml"]] * 2
    assert [(problem.number, reason in problem.detail) for problem in problems] == [(8, True)]


def test_nested_comments_do_not_end_a_run(tmp_path: Path) -> None:
    header = b"From: a@mod.example\nDate: Tue, 24 Nov 2026 06:48:49 +0000\nTo: bob@army.ml " + b"(" * 900 + b")" * 900
    (tmp_path / "a.eml").write_bytes(header + b"\n\nBody\n")
    events, problems, _ = read("eml", [tmp_path / "a.eml"])
    assert [event.recipients for event in events] == [["bob@army.ml"]]
    assert problems == []


@pytest.mark.parametrize(
    "word", ["=?unicode_escape?q?=5Cud800?=", "=?utf-7?q?+2AA-?=", "=?zip?b?AAAA?=", "=?x" + "\x00?q?"]
)
def test_a_subject_is_text_whatever_its_encoding(tmp_path: Path, word: str) -> None:
    (tmp_path / "a.eml").write_bytes(GOOD_MAIL + f"Subject: {word}\nKeywords: {word}\n\nBody\n".encode())
    events, problems, _ = read("eml", [tmp_path / "a.eml"])
    assert len(events) == 1
    assert problems == []


def test_a_long_subject_is_shortened(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(GOOD_MAIL + b"Subject:" + b" =?utf-8?q?a_?=" * 60_000 + b"\n\nBody\n")
    ((event,), problems, _) = read("eml", [tmp_path / "a.eml"])
    assert problems == []
    assert (event.subject or "").startswith("a a a")
    assert len(event.subject or "") <= 2_000


def test_a_line_that_is_too_long_is_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    envelope = "from=<a@b.c> to=<c@d.e> proto=ESMTP helo=<x>"
    good = f"Nov 24 06:48:49 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[127.0.0.1]: 554 no; {envelope}\n"
    path.write_text(good + good[:60] + "x" * 70_000 + "\n" + good)
    events, problems, _ = read("postfix", [path])
    assert len(events) == 2
    assert [(problem.number, problem.reason) for problem in problems] == [(2, "too-long")]


def test_quotes_that_are_never_closed_in_an_export(tmp_path: Path) -> None:
    """Each row was searched for quotes again with every line that followed."""
    (tmp_path / "trace.csv").write_bytes(b"sender_address,recipient_status\n" + b'"\n' + b"a\n" * 500_000)
    begun = time.thread_time()
    _, problems, _ = read("m365", [tmp_path / "trace.csv"])
    assert time.thread_time() - begun < 5
    assert [problem.reason for problem in problems] == ["bad-value"]


def test_brackets_within_an_object_of_an_export(tmp_path: Path) -> None:
    """What was before each bracket was searched for the beginning of an envelope."""
    (tmp_path / "trace.json").write_bytes(b'{"a":\n' + b"[" * 900_000 + b"\n" + orjson.dumps({"b": 1}))
    begun = time.thread_time()
    read("m365", [tmp_path / "trace.json"])
    assert time.thread_time() - begun < 5


def test_a_body_with_times_is_no_separator(tmp_path: Path) -> None:
    line = b"From x " + b"00:00 " * 150_000 + b"\n"
    (tmp_path / "box").write_bytes(
        b"From x Tue Nov 24 06:48:49 2026\n" + GOOD_MAIL + b"\nBody\n\n" + line + b"\n" + line
    )
    begun = time.thread_time()
    events, problems, _ = read("mbox", [tmp_path / "box"])
    assert time.thread_time() - begun < 1
    assert (len(events), problems) == (1, [])


@pytest.mark.parametrize("kind", SOURCES)
def test_damaged_records_of_every_source(kind: str) -> None:
    """Some of `make fuzz-sources`. The seed of what breaks is in its message, and in what the test prints."""
    seed = random.SystemRandom().randrange(2**40)
    print(f"{kind}: {fuzz.rounds(seed, FUZZ_S, [kind])[kind]:,} records from seed {seed}")
