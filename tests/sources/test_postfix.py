"""Postfix's log, on what a real Postfix 3.7.11 wrote (tests/sources/make_samples.py), and on what it can't show."""

from __future__ import annotations

import gzip
import os
import random
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.mail import MailEvent
from streams.sources.postfix import Postfix
from streams.sources.source import SourceOptions
from tests.sources.read_log import IN_2026, SAMPLES, by_message_id, read

SAMPLE = SAMPLES / "postfix" / "mail.log"
EXPECTED = {
    "": ("desk3@mod.example", ["a@nowhere.ml"], "rejected"),
    "<1@mod.example>": ("desk1@mod.example", ["bob@army.ml"], "delivered"),
    "<2@mod.example>": (
        "desk2@mod.example",
        ["a@army.mil", "b@navy.ml", "c@af.ml"],
        {"a@army.mil": "delivered", "b@navy.ml": "delivered", "c@af.ml": "deferred"},
    ),
    "<4@mod.example>": ("desk3@mod.example", ["b@army.mil"], "delivered"),
    "<5@mod.example>": ("desk4@mod.example", ["liaison@army.mil", "liaison@army.ml"], "delivered"),
    "<6@mod.example>": ("desk5@mod.example", ["hold@army.ml"], "delivered"),
    "<7@mod.example>": ("", ["desk1@mod.example"], "delivered"),
    "<8@mod.example>": ("desk7@mod.example", ["editor@gone.ml"], "failed"),
    "<9@mod.example>": ("desk5@mod.example", ["kept@army.ml"], "held"),
    "<20261124064849.EAA099FA16D@mx1.mod.example>": ("desk6@mod.example", ["none@army.ml"], "delivered"),
    "<20261124064849.F26B09FA178@mx1.mod.example>": ("", ["desk7@mod.example"], "delivered"),
}


def lines() -> list[str]:
    return SAMPLE.read_text().splitlines(keepends=True)


def log(folder: Path, *parts: str) -> Path:
    """A log with a line a second; each of `parts` is what follows `postfix/` in a line."""
    path = folder / "mail.log"
    text = (f"Nov 24 06:48:{second:02} mx1 postfix/{part}\n" for second, part in enumerate(parts))
    path.write_text("".join(text))
    return path


def test_the_sample() -> None:
    events, problems, _ = read("postfix", [SAMPLE])
    assert by_message_id(events) == EXPECTED
    assert problems == []
    first = next(event for event in events if event.message_id == "<1@mod.example>")
    assert first.time_ms == datetime(2026, 11, 24, 6, 48, 49, tzinfo=UTC).timestamp() * 1000
    assert (first.subject, first.size, first.labels) == ("Movement order", 486, ["OFFICIAL-SENSITIVE"])
    second = next(event for event in events if event.message_id == "<2@mod.example>")
    assert second.subject == "Grüße aus Köln"


def test_times_with_year_and_offset(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_text("".join(f"2026-11-24T08:{line[10:15]}.123456+02:00{line[15:]}" for line in lines()))
    events, problems, _ = read("postfix", [path], SourceOptions())
    assert by_message_id(events) == EXPECTED
    assert problems == []
    assert {event.time_ms % 1000 for event in events} == {123}
    assert min(event.time_ms for event in events) == 1795502929123


@pytest.mark.parametrize("seed", range(10))
def test_lines_of_one_moment_in_any_order(tmp_path: Path, seed: int) -> None:
    """Leaves out a mail whose queue id was reused within the same second: its lines need their order."""
    by_second: dict[str, list[str]] = {}
    for line in lines():
        if "C08189FA16D" not in line and "ECAAA9FA173" not in line:
            by_second.setdefault(line[:15], []).append(line)
    shuffled = [random.Random(seed).sample(second, len(second)) for second in by_second.values()]
    path = tmp_path / "mail.log"
    path.write_text("".join(line for second in shuffled for line in second))
    assert by_message_id(read("postfix", [path])[0]).items() <= EXPECTED.items()
    assert len(by_message_id(read("postfix", [path])[0])) >= len(EXPECTED) - 2


def test_rotated_and_compressed_files_in_any_order(tmp_path: Path) -> None:
    old, middle, new = lines()[:30], lines()[30:60], lines()[60:]
    with gzip.open(tmp_path / "mail.log.2.gz", "wt") as file:
        file.writelines(re.sub("^Nov 24 06:48", "Nov 24 06:46", line) for line in old)
    (tmp_path / "mail.log.1").write_text("".join(re.sub("^Nov 24 06:48", "Nov 24 06:47", line) for line in middle))
    (tmp_path / "mail.log").write_text("".join(new))
    events, problems, summary = read("postfix", sorted(tmp_path.iterdir()))
    assert problems == []
    assert summary.records == len(lines())
    last = {event.message_id: event for event in events}
    assert by_message_id(list(last.values())) == EXPECTED


def test_a_mail_is_emitted_again_when_its_state_changes(tmp_path: Path) -> None:
    begin = ["smtpd[1]: 4A1B2C3D: client=x[10.0.0.1]", "cleanup[1]: 4A1B2C3D: message-id=<m@x>"]
    to = "smtp[1]: 4A1B2C3D: to=<bob@army.ml>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status="
    path = log(
        tmp_path,
        *begin,
        "qmgr[1]: 4A1B2C3D: from=<desk@mod.example>, size=9, nrcpt=1 (queue active)",
        to + "deferred (nobody answers)",
        *["smtpd[1]: connect from x[10.0.0.1]"] * 12,
        "smtpd[1]: 5A1B2C3D: client=x[10.0.0.1]",
        to + "deferred (nobody answers)",
        to + "sent (250 ok)",
        "qmgr[1]: 4A1B2C3D: removed",
    )
    events, _, _ = read("postfix", [path])
    assert [(event.message_id, event.delivery) for event in events] == [("<m@x>", "deferred"), ("<m@x>", "delivered")]
    assert len({event.id for event in events}) == 2
    assert len({event.time_ms for event in events}) == 1


FROM = "qmgr[1]: 4A1B2C3D: from=<desk@mod.example>, size=9, nrcpt=1 (queue active)"
TO = "smtp[1]: 4A1B2C3D: to=<bob@army.ml>, relay={}, delay=1, delays=1/0/0/0, dsn=2.0.0, status={}"
MILTER = "cleanup[1]: 4A1B2C3D: milter-reject: END-OF-MESSAGE from x[10.0.0.1]: 5.7.1 no; from=<d@mod.example> "


@pytest.mark.parametrize(
    ("parts", "delivery"),
    [
        ([FROM, TO.format("army.ml[10.0.0.1]:25", "bounced (550 no)")], "failed"),
        ([FROM, TO.format("127.0.0.1[127.0.0.1]:10024", "sent (250 2.0.0 Ok: queued as 4XYZ)")], None),
        ([FROM, TO.format("none", "deferred (x)"), FROM[:44] + "status=expired, returned to sender"], "failed"),
        ([FROM, TO.format("none", "sent (x)"), TO.format("none", "deferred (read late)")], "delivered"),
        ([MILTER + "to=<bob@army.ml> proto=ESMTP helo=<x>"], "rejected"),
    ],
)
def test_delivery(tmp_path: Path, parts: list[str], delivery: str | None) -> None:
    events, problems, _ = read("postfix", [log(tmp_path, *parts)])
    assert [(event.recipients, event.delivery) for event in events] == [(["bob@army.ml"], delivery)]
    assert problems == []


@pytest.mark.parametrize(
    "parts",
    [
        [FROM, TO.format("none", "undeliverable (550 no)")],  # a probe of an address
        [TO.format("none", "sent (250 ok)"), "qmgr[1]: 4A1B2C3D: removed"],  # the log begins in the middle
        ["smtpd[1]: warning: hostname x does not resolve to address 10.0.0.1", "smtpd[1]: fatal: message-id=x"],
        ["smtpd[1]: NOQUEUE: reject: CONNECT from x[10.0.0.1]: 554 no; proto=SMTP"],
    ],
)
def test_what_is_not_a_mail_gives_no_event(tmp_path: Path, parts: list[str]) -> None:
    events, problems, _ = read("postfix", [log(tmp_path, *parts)])
    assert events == []
    assert problems == []


def test_a_queue_id_may_be_reused(tmp_path: Path) -> None:
    mail = [
        "smtpd[1]: 4A1B2C3D: client=x[10.0.0.1]",
        FROM,
        TO.format("none", "sent (ok)"),
        "qmgr[1]: 4A1B2C3D: removed",
    ]
    events, _, _ = read("postfix", [log(tmp_path, *mail, *mail)])
    assert len({event.id for event in events}) == len({event.message_id for event in events}) == 2


def test_what_is_not_a_log_line_is_reported_with_its_line_number(tmp_path: Path) -> None:
    path = log(tmp_path, FROM, TO.format("none", "sent (ok)"))
    whole = path.read_bytes()
    path.write_bytes(b"\x00\x01 rubbish\n" + whole + b"Nov 24 06:49:00 mx1 dovecot: imap: hello\n" + whole[-120:-60])
    events, problems, summary = read("postfix", [path])
    assert len(events) == 1
    assert [(problem.number, problem.reason) for problem in problems] == [(1, "bad-value"), (5, "bad-value")]
    assert summary.records == 5


def test_the_year_comes_from_the_modification_time(tmp_path: Path) -> None:
    path = tmp_path / "mail.log"
    path.write_text(
        f"Dec 31 23:59:59 mx1 postfix/{FROM}\nJan  1 00:00:01 mx1 postfix/{TO.format('none', 'sent (ok)')}\n"
    )
    written = datetime(2025, 1, 1, 0, 0, 2, tzinfo=UTC).timestamp()
    os.utime(path, (written, written))
    events, _, _ = read("postfix", [path], SourceOptions())
    assert [event.time_ms for event in events] == [datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp() * 1000]


def test_a_source_resumes_from_its_state() -> None:
    whole = Postfix(IN_2026)
    expected = [event for line in lines() for event in whole.read(line.encode().rstrip())] + list(whole.finish())
    for cut in range(0, len(lines()), 7):
        before, after = Postfix(IN_2026), Postfix(IN_2026)
        events = [event for line in lines()[:cut] for event in before.read(line.encode().rstrip())]
        after.resume(before.state() or b"")
        events += [event for line in lines()[cut:] for event in after.read(line.encode().rstrip())]
        assert events + list(after.finish()) == expected


@given(st.binary(max_size=300), st.integers(0, 88), st.integers(0, 200))
def test_any_bytes_are_read_or_refused(noise: bytes, number: int, at: int) -> None:
    line = lines()[number].encode().rstrip(b"\n")
    source = Postfix(IN_2026)
    for record in (noise, line[:at] + noise + line[at:], line[:at]):
        with suppress(UnreadableRecord):
            list(source.read(record))
    assert all(event.source == "postfix" for event in source.finish())


SENT = TO.format("army.ml[10.0.0.1]:25", "sent (250 ok)")
BEGIN = "smtpd[1]: 4A1B2C3D: client=x[10.0.0.1]"
DONE = "qmgr[1]: 4A1B2C3D: removed"


def of_another(part: str) -> str:
    return part.replace("4A1B2C3D", "5A1B2C3D").replace("bob@", "al@")


@pytest.mark.parametrize("sender", ["system", "root", "x" * 600 + "@mod.example", "a@"])
@pytest.mark.parametrize("is_last", [False, True])
def test_a_sender_that_is_no_address_is_a_problem_of_its_line(tmp_path: Path, sender: str, is_last: bool) -> None:
    bad = [BEGIN, FROM.replace("desk@mod.example", sender), FROM.replace("desk@mod.example", sender), SENT, DONE]
    good = [of_another(part) for part in (BEGIN, FROM, SENT, DONE)]
    events, problems, summary = read("postfix", [log(tmp_path, *(good + bad if is_last else bad + good))])
    assert [event.recipients for event in events] == [["al@army.ml"]]
    assert [(problem.number, problem.reason) for problem in problems] == [(6 if is_last else 2, "bad-address")]
    assert summary.problems == {"bad-address": 1}


def test_a_bad_line_loses_no_other_mail_of_its_queue_id(tmp_path: Path) -> None:
    """The mail that had the id before is emitted when the id is used again."""
    again = [BEGIN, FROM.replace("desk@mod.example", "system")]
    events, problems, _ = read("postfix", [log(tmp_path, BEGIN, FROM, SENT, DONE, *again)])
    assert [event.recipients for event in events] == [["bob@army.ml"]]
    assert [problem.number for problem in problems] == [6]


def test_a_time_that_no_mail_has_is_a_problem_of_its_line(tmp_path: Path) -> None:
    path = log(tmp_path, BEGIN, FROM, SENT, DONE)
    bad = path.read_text().replace("Nov 24 06:48:00", "1970-01-01T00:00:00+00:00")
    path.write_text(bad)
    events, problems, _ = read("postfix", [path])
    assert [event.recipients for event in events] == [["bob@army.ml"]]
    assert [(problem.number, problem.reason) for problem in problems] == [(1, "time-out-of-range")]


@pytest.mark.parametrize(
    ("parts", "skipped"),
    [
        ([SENT], {"mails whose sender or recipients are not in the log": 1}),
        ([SENT, of_another(SENT), DONE], {"mails whose sender or recipients are not in the log": 2}),
        ([BEGIN, FROM], {"mails whose sender or recipients are not in the log": 1}),
        (
            [BEGIN, FROM, TO.format("none", "deliverable (x)"), DONE],
            {"probes of addresses, with which no mail is sent": 1},
        ),
        (
            ["smtpd[1]: NOQUEUE: reject: VRFY from x[10.0.0.1]: 454 4.7.1 no; to=<a@army.ml> proto=SMTP helo=<me>"],
            {"refusals before sender and recipient were named": 1},
        ),
        (
            ["smtpd[1]: NOQUEUE: reject: MAIL from x[10.0.0.1]: 550 no; from=<a@mod.example> proto=SMTP helo=<me>"],
            {"refusals before sender and recipient were named": 1},
        ),
        (
            ["smtpd[1]: NOQUEUE: reject_warning: RCPT from x[1.1.1.1]: 554 no; from=<a@b.c> to=<d@e.f> proto=SMTP"],
            {"other lines with an address": 1},
        ),
    ],
)
def test_what_gives_no_event_is_counted_by_name(tmp_path: Path, parts: list[str], skipped: dict[str, int]) -> None:
    source = Postfix(IN_2026)
    records = log(tmp_path, *parts).read_bytes().splitlines()
    assert [event for record in records for event in source.read(record)] + list(source.finish()) == []
    assert source.skipped == skipped


REFUSED = (
    "smtpd[1]: NOQUEUE: reject: RCPT from {}: {} <bob@army.nil>: no; from=<{}> to=<bob@army.nil> proto=ESMTP helo=<x>"
)


@pytest.mark.parametrize(
    ("client", "code", "hours", "events"),
    [
        ("localhost[127.0.0.1]", "450 4.1.2", range(90), 1),
        ("app.mod.example[10.0.0.1]", "450 4.1.2", range(0, 90, 5), 1),
        ("app.mod.example[10.0.0.1]", "450 4.1.2", [0, 1, 30, 31], 2),  # another mail, after a day
        ("app.mod.example[10.0.0.1]", "450 4.1.2", range(0, 200, 5), 2),  # longer than any client tries
        ("app.mod.example[10.0.0.1]", "550 5.1.2", range(3), 3),
    ],
)
def test_a_mail_that_an_own_client_is_refused_for_now_is_one(
    client: str, code: str, hours: list[int], events: int
) -> None:
    source = Postfix(IN_2026)
    found: list[MailEvent] = []
    for hour in hours:
        resumed = Postfix(IN_2026)
        resumed.resume(source.state() or b"")
        source = resumed
        stamp = f"2026-11-{1 + hour // 24:02}T{hour % 24:02}:00:00+00:00"
        found += source.read(f"{stamp} mx1 postfix/{REFUSED.format(client, code, 'app@mod.example')}".encode())
    assert len({event.id for event in found}) == len(found) == events
    assert {event.delivery for event in found} == {"rejected"}


def test_attempts_of_strangers_are_kept_in_no_memory(tmp_path: Path) -> None:
    """They may name any sender, and as many as they like."""
    lines = [REFUSED.format("x[6.6.6.6]", "450 4.2.0", f"{number}@mod.example") for number in (1, 1, 2)]
    source = Postfix(IN_2026)
    found = [event for line in log(tmp_path, *lines).read_bytes().splitlines() for event in source.read(line)]
    assert [event.direction for event in found] == ["inbound"] * 3
    assert source.state() == Postfix(IN_2026).state()


POSTSCREEN = (
    "postscreen[7]: NOQUEUE: reject: RCPT from [{}]:4984: 550 5.7.1 Service unavailable; client [{}] blocked using"
    " dnsbl.example; from=<{}>, to=<{}>, proto=ESMTP, helo=<{}>"
)


@pytest.mark.parametrize("client", ["6.6.6.6", "2001:db8::1"])
@pytest.mark.parametrize("recipient", ["bob@army.ml", '"x>, to=<y"@army.ml'])
@pytest.mark.parametrize("helo", ["x", "x y", "a, to=b"])
def test_refusals_of_postscreen(tmp_path: Path, client: str, recipient: str, helo: str) -> None:
    line = POSTSCREEN.format(client, client, "desk@mod.example", recipient, helo)
    ((event,), problems, _) = read("postfix", [log(tmp_path, line)])
    assert (event.sender, event.recipients, event.delivery) == ("desk@mod.example", [recipient], "rejected")
    assert (event.direction, problems) == ("inbound", [])


PROXY_REJECT = (
    "smtpd[{}]: {}proxy-reject: END-OF-MESSAGE: 554 5.7.0 Reject, id=1-02 - spam;"
    " from=<desk@mod.example> to=<bob@army.ml> proto=ESMTP helo=<x>{}"
)


@pytest.mark.parametrize("queue_id", ["", "NOQUEUE: "])
@pytest.mark.parametrize(
    ("client", "process", "login", "direction"),
    [
        ("x[127.0.0.1]", 1, "", None),
        ("x[6.6.6.6]", 1, "", "inbound"),
        ("x[127.0.0.1]", 2, "", "inbound"),  # another session's
        ("x[6.6.6.6], sasl_method=PLAIN, sasl_username=desk", 1, "", None),
        ("x[6.6.6.6]", 1, " sasl_username=<desk>", None),
    ],
)
def test_refusals_of_a_proxy_filter(
    tmp_path: Path, queue_id: str, client: str, process: int, login: str, direction: str | None
) -> None:
    lines = [f"smtpd[1]: NOQUEUE: client={client}", PROXY_REJECT.format(process, queue_id, login)]
    ((event,), problems, _) = read("postfix", [log(tmp_path, *lines)])
    assert (event.sender, event.recipients, event.delivery) == ("desk@mod.example", ["bob@army.ml"], "rejected")
    assert (event.direction, problems) == (direction, [])


def test_what_a_proxy_filter_accepts_has_a_queue_id_of_its_own(tmp_path: Path) -> None:
    line = PROXY_REJECT.replace("reject", "accept").format(1, "", "")
    assert read("postfix", [log(tmp_path, line)])[:2] == ([], [])


@pytest.mark.parametrize("message_id", ["message-id=<>", "message-id=", "message-id=<" + "x" * 2_000 + "@y>"])
def test_a_mail_whose_message_id_is_empty_or_too_long_is_one(tmp_path: Path, message_id: str) -> None:
    cleanup = f"cleanup[1]: 4A1B2C3D: {message_id}"
    busy = ["smtpd[1]: 5A1B2C3D: client=x[10.0.0.1]"] * 12
    parts = [BEGIN, cleanup, FROM, TO.format("none", "deferred (x)"), *busy, SENT, DONE]
    events, problems, _ = read("postfix", [log(tmp_path, *parts)])
    assert [event.delivery for event in events] == ["deferred", "delivered"]
    assert len({event.message_id for event in events}) == 1
    assert events[0].message_id is not None
    assert problems == []


@pytest.mark.parametrize(
    ("logged", "subject"),
    [
        (" =?utf-8?q?Gr=C3=BC?=? =?utf-8?q?=C3=9Fe?=", "Grüße"),
        (" =?utf-8?q?Gr=C3=BC?=??=?utf-8?q?=C3=9Fe?=", "Grüße"),
        ("? =?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (" Where?  And when?", "Where?  And when?"),
        (" =?utf-8?q?Gr=C3=BC?=? =?utf-8?q?" + "x" * 200, "Grü"),
        (" =?utf-8?q?" + "x" * 100, "=?utf-8?q?" + "x" * 100),
        (" " + "y" * 160 + "? =?utf-8?b?" + "x" * 200, "y" * 160 + "?"),
        ("", None),
    ],
)
def test_a_subject_on_several_lines_or_cut_to_its_200_first_bytes(logged: str, subject: str | None) -> None:
    source = Postfix(IN_2026)
    start = "Nov 24 06:48:49 mx1 postfix/cleanup[1]: 4A1B2C3D: "
    session = "from desk.mod.example[192.0.2.1]; from=<a@mod.example> to=<b@army.ml> proto=ESMTP helo=<desk>"
    for line in (
        f"info: header {f'Subject:{logged}'[:200]} {session}",
        "from=<a@mod.example>, size=1, nrcpt=1 (queue active)",
        "to=<b@army.ml>, relay=mx[192.0.2.2]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 ok)",
    ):
        assert list(source.read((start + line).encode())) == []
    assert [event.subject for event in source.finish()] == [subject]
