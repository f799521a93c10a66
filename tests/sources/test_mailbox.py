"""mbox, Maildir and .eml: only headers are read; Bcc and every resending count."""

from __future__ import annotations

import mailbox
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord, UsageError
from streams.sources.mailbox import Mbox
from streams.sources.source import SourceOptions
from tests.sources.read_log import SAMPLES, by_message_id, read

SAMPLE = SAMPLES / "mailbox" / "sent.mbox"
EXPECTED = {
    "<1@mod.example>": ("desk1@mod.example", ["bob@army.ml"], None),
    "<2@mod.example>": ("desk2@mod.example", ["a@army.mil", "b@navy.ml", "c@af.ml", "hidden@army.ml"], None),
    "<3@example.com>": ("partner@example.com", ["desk8@mod.example"], None),
    "<r1@mod.example>": ("desk8@mod.example", ["first@army.mil", "quiet@navy.ml"], None),
    "<r2@mod.example>": ("desk9@mod.example", ["second@army.ml"], None),
    "<5@mx1.mod.example>": ("", ["desk1@mod.example"], None),
}


def test_an_mbox() -> None:
    events, problems, summary = read("mbox", [SAMPLE])
    assert by_message_id(events) == EXPECTED
    assert problems == []
    assert summary.records == 4
    by_id = {event.message_id: event for event in events}
    assert by_id["<1@mod.example>"].labels == ["OFFICIAL-SENSITIVE"]
    assert by_id["<2@mod.example>"].subject == "Grüße aus Köln"
    assert by_id["<2@mod.example>"].time_ms == 1795502942000
    assert by_id["<r2@mod.example>"].time_ms == by_id["<r1@mod.example>"].time_ms + 3_600_000


def test_a_maildir_and_a_folder_of_messages(tmp_path: Path) -> None:
    maildir = mailbox.Maildir(tmp_path / "Maildir", create=True)
    folder = tmp_path / "eml"
    folder.mkdir()
    with closing(mailbox.mbox(SAMPLE)) as box:
        for number, one in enumerate(box):
            maildir.add(one)
            (folder / f"{number}.eml").write_bytes(one.as_bytes())
    (folder / "notes.txt").write_text("no message")
    for name in (tmp_path / "Maildir", folder):
        events, problems, _ = read("eml", [name])
        assert by_message_id(events) == EXPECTED
        assert problems == []


def message(**headers: str) -> bytes:
    made = EmailMessage()
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("Body.\n")
    return made.as_bytes()


def test_a_folder_without_messages_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no message")
    with pytest.raises(UsageError, match="no message in"):
        read("eml", [tmp_path])


def test_more_than_ten_thousand_recipients_make_several_events(tmp_path: Path) -> None:
    to = ",\n ".join(f"u{number}@army.mil" for number in range(25_000))
    (tmp_path / "large.eml").write_text(
        f"From: a@mod.example\nDate: Tue, 24 Nov 2026 06:48:49 +0000\nTo: {to}\n\nBody\n"
    )
    events, problems, _ = read("eml", [tmp_path / "large.eml"])
    assert problems == []
    assert [len(event.recipients) for event in events] == [10_000, 10_000, 5_000]
    assert len({event.id for event in events}) == 3


@pytest.mark.parametrize("kind", ["mbox", "eml"])
def test_a_header_of_100_mb_is_reported_and_skipped(tmp_path: Path, kind: str) -> None:
    good = message(From="a@mod.example", To="b@army.ml", Date="Tue, 24 Nov 2026 06:48:49 +0000")
    path = tmp_path / "box.eml"
    with path.open("wb") as file:
        file.write(b"From x Tue Nov 24 06:48:49 2026\n" if kind == "mbox" else b"")
        file.write(b"To: b@army.ml\nX-Large: ")
        for _ in range(100):
            file.write(b"x" * 1024 * 1024)
        file.write(b"\n\nBody\n\nFrom y Tue Nov 24 06:48:49 2026\n" + good)
    events, problems, _ = read(kind, [path])
    assert [problem.reason for problem in problems] == ["too-long"]
    assert [event.recipients for event in events] == ([["b@army.ml"]] if kind == "mbox" else [])


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"To: b@army.ml\nFrom: a@mod.example\n\n", "bad-value"),
        (b"To: b@army.ml\nFrom: a@mod.example\nDate: soon\n\n", "bad-value"),
        (b"To: b@army.ml\nFrom: a@mod.example\nDate: Tue, 24 Nov 1026 06:48:49 +0000\n\n", "time-out-of-range"),
        (b"\x00\x01\x02 no header\n\n", "bad-value"),
    ],
)
def test_what_is_not_a_message_is_reported(tmp_path: Path, header: bytes, reason: str) -> None:
    (tmp_path / "bad.eml").write_bytes(header)
    events, problems, _ = read("eml", [tmp_path / "bad.eml"])
    assert events == []
    assert [problem.reason for problem in problems] == [reason]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Sun, 22 Mar 2026 08:00:00 -0000", 8),
        ("Sun, 22 Mar 2026 08:00:00 -0000 (UTC)", 8),
        ("Sun, 22 Mar 2026 08:00:00 GMT", 8),
        ("Sun, 22 Mar 2026 08:00:00 +0300", 5),
        ("Sun, 22 Mar 2026 08:00:00", 6),
        ("22 Mar 2026 08:00", 6),
        ("Sun, 22 Mar 2026 08:00:00 CAT", 6),
    ],
)
def test_a_date_without_an_offset_is_of_the_given_zone(tmp_path: Path, date: str, expected: int) -> None:
    (tmp_path / "one.eml").write_text(f"From: a@mod.example\nTo: b@army.ml\nDate: {date}\n\nBody\n")
    options = SourceOptions(zone=timezone(timedelta(hours=2)))
    (event,) = read("eml", [tmp_path / "one.eml"], options)[0]
    assert datetime.fromtimestamp(event.time_ms / 1000, UTC) == datetime(2026, 3, 22, expected, tzinfo=UTC)


def test_bytes_beyond_ascii(tmp_path: Path) -> None:
    header = "From: a@mod.example\nTo: Jürgen <j@army.ml>\nSubject: Grüße\nDate: Tue, 24 Nov 2026 06:48:49 +0000\n\n"
    for encoding, subject in (("utf-8", "Grüße"), ("latin-1", "Gr\ufffd\ufffde")):
        (tmp_path / "raw.eml").write_bytes(header.encode(encoding))
        events, problems, _ = read("eml", [tmp_path / "raw.eml"])
        assert [(event.recipients, event.subject) for event in events] == [(["j@army.ml"], subject)]
        assert problems == []


@given(st.binary(max_size=400), st.integers(0, 700))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int) -> None:
    sample = SAMPLE.read_bytes()[:700]
    source = Mbox()
    for record in (noise, b"From x\n" + noise, sample[:at] + noise + sample[at:]):
        with suppress(UnreadableRecord):
            assert all(event.source == "mbox" for event in source.read(record))


DATE = "Date: Tue, 24 Nov 2026 08:00:00 +0000\n"


@pytest.mark.parametrize("bad", ["Resent-Date: yesterday\n", "Resent-Date: Thu, 01 Jan 1970 00:00:00 +0000\n", ""])
@pytest.mark.parametrize("is_own", [False, True])
def test_one_bad_resending_loses_no_other_mail_of_its_message(tmp_path: Path, bad: str, *, is_own: bool) -> None:
    """Nor does a message without a date lose its resendings."""
    path = tmp_path / "a.eml"
    resent = "Resent-From: al@mod.example\nResent-To: c@navy.ml\n" + (bad if not is_own else "Resent-" + DATE)
    own = "From: desk@mod.example\nTo: bob@army.ml\n" + (DATE if not is_own else bad.replace("Resent-", ""))
    path.write_text(resent + own + "\nBody\n")
    events, problems, _ = read("eml", [path])
    assert [event.recipients for event in events] == [["c@navy.ml"] if is_own else ["bob@army.ml"]]
    assert len(problems) == 1
