"""Zeek's smtp.log, as the lines before its rows say."""

from __future__ import annotations

import pytest

from streams.errors import UnreadableRecord
from streams.sources.registry import source_named
from tests.sources.read_log import SAMPLES, by_message_id, read

ROW = (b"1795502929.5", b"jo@mod.example", b"a@x.org", b"b@x.org")


def events(*lines: bytes) -> list[tuple[int, list[str]]]:
    source = source_named("zeek")
    return [(event.time_ms, event.recipients) for line in lines for event in source.read(line)]


@pytest.mark.parametrize(
    ("separator", "written", "within"),
    [(b"\t", b"\\x09", b","), (b"|", b"|", b";"), (b"\t", b"", b"")],
)
def test_fields_are_divided_as_the_log_says_and_by_tabs_and_commas_where_it_says_nothing(
    separator: bytes, written: bytes, within: bytes
) -> None:
    time, sender, *recipients = ROW
    lines = [
        b"#separator " + written,
        separator.join([b"#set_separator", within]),
        separator.join([b"#fields", b"ts", b"mailfrom", b"rcptto"]),
        separator.join([time, sender, (within or b",").join(recipients)]),
    ]
    assert events(*lines) == [(1_795_502_929_500, ["a@x.org", "b@x.org"])]


@pytest.mark.parametrize(
    ("listed", "recipients"),
    [
        (b"a@x.org,b@x.org,a@x.org", ["a@x.org", "b@x.org"]),
        (rb'"a\x2cb"@x.org,b@x.org', ['"a,b"@x.org', "b@x.org"]),
        (rb"j\xc3\xb6@x.org,j\xf6@x.org", ["j\xf6@x.org", "j\ufffd@x.org"]),
    ],
)
def test_a_list_has_each_part_once_and_its_escapes_divide_nothing(listed: bytes, recipients: list[str]) -> None:
    lines = [b"#fields\tts\tmailfrom\trcptto", ROW[0] + b"\tjo@mod.example\t" + listed]
    assert events(*lines) == [(1_795_502_929_500, sorted(recipients))]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([b"1\t2"], "There is no #fields line"),
        ([b"#fields\tts\tmailfrom", b"1\t2\t3"], "The line has 3 fields, #fields lists 2"),
    ],
)
def test_a_row_that_fits_no_fields_is_refused(lines: list[bytes], reason: str) -> None:
    with pytest.raises(UnreadableRecord, match=reason):
        events(*lines)


def test_a_log_that_is_continued_has_the_fields_of_its_beginning() -> None:
    first = source_named("zeek")
    list(first.read(b"#fields\tts\tmailfrom\trcptto"))
    state = first.state()
    assert state is not None
    continued = source_named("zeek")
    continued.resume(state)
    assert [event.recipients for event in continued.read(b"1795502929.5\tjo@mod.example\ta@x.org")] == [["a@x.org"]]


def test_rows_and_json_of_one_log_are_the_same_mails() -> None:
    written = [by_message_id(read("zeek", [SAMPLES / "zeek" / name])[0]) for name in ("smtp.log", "smtp.json")]
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("reply", "subject", "expected"),
    [
        (b"250 2.0.0 Ok: queued as A1", b"-", 1),
        (b"250 ok", b"x", 1),
        (b"221 Bye", b"-", 0),
        (b"250 2.0.0 Resetting", b"-", 0),
        (b"250 Reset OK", b"-", 0),
        (b"221 Bye", b"x", 1),
        (b"250 ok", b"Stra\\xdfe", 1),
        (b"250 ok", b"Stra\xdfe", 1),
    ],
)
def test_an_envelope_that_was_given_up_is_no_mail(reply: bytes, subject: bytes, expected: int) -> None:
    source = source_named("zeek")
    list(source.read(b"#fields\tts\tmailfrom\trcptto\tsubject\tlast_reply"))
    row = b"\t".join([b"1795502929.5", b"jo@mod.example", b"a@x.org", subject, reply])
    found = list(source.read(row))
    assert len(found) == expected
    assert source.skipped.total() == 1 - expected
    assert all("Stra" not in (event.subject or "") or event.subject == "Stra\ufffde" for event in found)


@pytest.mark.parametrize("subject", [rb'"Stra\\xdfe"', b'"Stra\xdfe"'])
def test_bytes_beyond_utf8_in_json_lose_no_mail(subject: bytes) -> None:
    row = b'{"ts": 1795502929.5, "mailfrom": "a@b", "rcptto": ["c@d"], "last_reply": "250 ok", "subject": %b}' % subject
    assert [event.subject for event in source_named("zeek").read(row)] == ["Stra\ufffde"]
