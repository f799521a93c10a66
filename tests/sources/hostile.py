"""Lines and mails that strangers may write to keep a reader busy: the worst that each format allows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

MakeLines = Callable[[int], Iterator[bytes]]

MARKS = "\"\\'()<>[]{},;:=@.-_ \t?#%*+/|~^&!0aA\u00e9"
RUNS = [
    *MARKS,
    *(
        '"\\',
        '\\"',
        "<>",
        "><",
        "()",
        ")(",
        '<"',
        '"@',
        '""',
        "[1",
        "a[",
        "(a",
        "a@b,",
        "a@b;",
        '"a"@b,',
        "=?",
        "?=",
        "a ",
        " a",
        "--",
        "::",
        "1:",
    ),
    *(
        "; from=<",
        " to=<",
        " proto=ESMTP",
        " helo=<",
        " from ",
        "from=<",
        ">, relay=",
        ">, size=",
        ", status=",
        "status=sent (",
        " (",
        "; from=<a> to=<b>",
    ),
    *(
        " F=<",
        " H=",
        " rejected RCPT <",
        ' T="',
        " id=",
        " R=",
        ' C="',
        ' <"',
        " A=x",
        " I=1",
        "x=1 ",
        "=> ",
        "##",
        "=?utf-8?q?a?= ",
        "=?x?q?",
        "From a 00:00 ",
        "00:00",
        "\\x2c",
    ),
    *('"value":', '"value" : [', '{"a":', "[[", "a,", "a\t"),
]
"""Texts that are repeated: each mark, and each beginning of something that a reader may look for."""

POSTFIX_STARTS = (
    *("", "4A1B2C3D: ", "NOQUEUE: "),
    *("4A1B2C3D: to=<", "4A1B2C3D: to=<a@b>, relay=", "4A1B2C3D: to=<a@b>, orig_to=<", "4A1B2C3D: to=<a@b>, relay=x, "),
    *(
        "4A1B2C3D: to=<a@b>, relay=x, delay=1, status=sent (",
        "4A1B2C3D: from=<",
        "4A1B2C3D: from=<a@b>, size=",
        "4A1B2C3D: client=",
        "4A1B2C3D: message-id=<",
    ),
    *(
        "NOQUEUE: reject: RCPT from ",
        "NOQUEUE: reject: RCPT from x[1.2.3.4]: 554 ",
        "NOQUEUE: reject: RCPT from x[1.2.3.4]: 554 x; from=<",
    ),
    *(
        "NOQUEUE: reject: RCPT from x[1.2.3.4]: 554 x; from=<a@b> to=<",
        "4A1B2C3D: info: header ",
        "4A1B2C3D: info: header Subject: ",
    ),
    *(
        "4A1B2C3D: info: header Subject: x from ",
        "4A1B2C3D: warning: header X-A: x from x[1.2.3.4]; from=<",
        "4A1B2C3D: hold: header ",
    ),
)
POSTFIX_ENDS = (
    "",
    "> proto=ESMTP helo=<x>",
    "; from=<a@b> to=<c@d> proto=ESMTP helo=<x>",
    ">, relay=x, delay=1, status=sent (ok)",
    ", nrcpt=1 (queue active)",
    " from local; from=<a@b>",
    '"@b>',
)
EXIM_STARTS = (
    *(
        "",
        "1xVl76-0003zm-1H <= ",
        '1xVl76-0003zm-1H <= "',
        "1xVl76-0003zm-1H <= a@b ",
        "1xVl76-0003zm-1H <= a@b S=",
        '1xVl76-0003zm-1H <= a@b H=x T="',
        "1xVl76-0003zm-1H => ",
    ),
    *(
        "1xVl76-0003zm-1H => a@b <",
        '1xVl76-0003zm-1H => a@b <"',
        "1xVl76-0003zm-1H ** ",
        "H=",
        "H=(",
        "H=x (",
        "H=(x) [1.2.3.4] ",
        "H=(x) [1.2.3.4] F=<",
    ),
    *(
        'H=(x) [1.2.3.4] F=<"',
        "H=(x) [1.2.3.4] F=<a@b> A=",
        "H=(x) [1.2.3.4] F=<a@b> rejected RCPT ",
        "H=(x) [1.2.3.4] F=<a@b> rejected RCPT <",
        "U=",
    ),
)
EXIM_ENDS = ("", "> rejected RCPT <a@b>: no", ' R=x T=y C="ok"', '"')
SENDMAIL_STARTS = (
    *("to=<", 'to=<"', 'to="', "to=<a@b>,", "from=<", 'from=<"a@b>, size=', 'Milter: to=<"'),
    *("ruleset=check_rcpt, arg1=<", "from=<a@b>, size=1, class=0, nrcpts=1, msgid=<"),
    *("to=<a@b>, delay=1, mailer=x, relay=", "to=<a@b>, delay=1, mailer=x, relay=x [1.2.3.4], dsn=2, stat=Sent ("),
    *("to=<a@b>, delay=1, mailer=x, relay=x [", "from=<a@b>, size=1, nrcpts=1, proto=ESMTP, relay="),
)
SENDMAIL_ENDS = (", dsn=2.0.0, stat=Sent (ok)", "", ", delay=1, stat=Sent (ok)", '"@b>, stat=Sent')


def postfix_lines(size: int) -> Iterator[bytes]:
    """Lines of so many bytes, with and without an end."""
    for start in POSTFIX_STARTS:
        yield from _lines("Nov 24 06:48:49 mx1 postfix/smtpd[1]: " + start, POSTFIX_ENDS, size)
    for start in (
        "",
        "Nov 24 06:48:49 ",
        "Nov 24 06:48:49 mx1 ",
        "Nov 24 06:48:49 mx1 postfix/",
        "2026-11-24T06:48:49",
        "<1",
        "Nov 24 06:48:49 mx1 postfix/a[",
    ):
        yield from _lines(start, ("", ": x", "]: x"), size)


def exim_lines(size: int) -> Iterator[bytes]:
    """Lines of so many bytes, with and without an end."""
    for start in EXIM_STARTS:
        yield from _lines("2026-11-24 07:38:52 " + start, EXIM_ENDS, size)
    for start in ("", "2026-11-24 07:38:52.1", "a b c d exim", "Nov 24 06:48:49 mx exim[7]: "):
        yield from _lines(start, ("", ": x"), size)


def sendmail_lines(size: int) -> Iterator[bytes]:
    """Lines of so many bytes, with and without an end."""
    for start in SENDMAIL_STARTS:
        yield from _lines("Nov 24 06:48:49 mx1 sendmail[1]: 62M801ab000007: " + start, SENDMAIL_ENDS, size)


def _lines(start: str, ends: tuple[str, ...], size: int) -> Iterator[bytes]:
    for number, run in enumerate(RUNS):
        for end in ends if size < 10_000 else ends[number % len(ends) :][:1]:
            yield (start + run * (size // len(run.encode()) + 1)).encode()[: size - len(end)] + end.encode()


LINES = (
    b"X: y\n",
    b"a:\n",
    b":\n",
    b" \n",
    b" a\n",
    b"abc\n",
    b"\r",
    b"\r\n ",
    b"\x00",
    b"\x0b\x0c \x1c\n",
    b"From x\n",
    b"To: a@b\n",
    b"Resent-To: a@b\n",
    b"Resent-To: a@b\nReceived: x\n",
    b"Received: from a (1.2.3.4) by x\n",
    b"Keywords: =?utf-8?q?a?=\n",
)
FIELDS = (
    "To",
    "Cc",
    "Bcc",
    "From",
    "Subject",
    "Date",
    "Message-ID",
    "Received",
    "Keywords",
    "Resent-To",
    "Return-Path",
)


def headers(good: bytes, size: int) -> Iterator[bytes]:
    """Headers of messages that have at most so many bytes and begin with `good` fields or with nothing."""
    rest = size - len(good) - 100
    for number, run in enumerate(run.encode() for run in RUNS):
        third = (run * (rest // len(run) // 3 + 1))[: rest // 3]
        whole = (run * (rest // len(run) + 1))[:rest]
        yield good + b"To: x" + whole
        others = (b"Subject: " + whole, whole, b"Cc: " + third + b"\nBcc: " + third + b"\nResent-To: " + third)
        yield good + (*others, FIELDS[number % len(FIELDS)].encode() + b": " + whole)[number % 4]
    for unit in LINES:
        for start in (good, good + b"To: x", good + b"Subject: x", b""):
            yield start + unit * (rest // len(unit))
    long_word = b"=?punycode?q?" + b"a" * 230 + b"-" + b"a" * 230 + b"?="
    yield good + (b"Keywords: " + long_word + b"\n") * 1_900
    yield good + (b"Received: from " + b"1.2.3.4 " * 60 + b"\n") * 1_900
    resent = b"Resent-To: " + b"a@b," * 500 + b"\nResent-Date: Tue, 24 Nov 2026 06:48:49 +0000\nReceived: x\n"
    yield resent * 99 + good + (b"Keywords: " + long_word + b"\n") * 1_500


TIME = "2026-11-24T06:48:49Z"
Row = dict[str, Any]


def rows(kind: str, size: int) -> Iterator[list[bytes]]:
    """Records of at most so many bytes, after those that they need."""
    many = [f"a{number}@b" for number in range(size // 16)]
    for run in RUNS:
        text = (run * (size // len(run.encode()) + 1))[: size // 2 - 300]
        yield from (_json(row)[:size] for row in ROWS[kind](text, many))
        yield from ([record[:size] for record in records] for records in _plain(kind, text))


def _json(row: Row) -> list[bytes]:
    return [json.dumps(row, ensure_ascii=False).encode()]


def _plain(kind: str, text: str) -> Iterator[list[bytes]]:
    if kind == "zeek":
        yield [b"#fields\tts\tmailfrom\trcptto", b"1795502929.1\ta@b\t" + text.encode()]
        yield [b"#separator " + text.encode(), b"#fields\tts", b"1"]
    elif kind in ("m365", "google"):
        yield [b"recipientAddress,sender,startDate,received", text.encode()]


def _zeek(text: str, many: list[str]) -> Iterator[Row]:
    for fields in ({"rcptto": many}, {"mailfrom": text}, {"subject": text}, {"ts": text}):
        yield {"ts": 1795502929, "mailfrom": "a@b", "rcptto": ["a@b"], **fields}


def _suricata(text: str, many: list[str]) -> Iterator[Row]:
    for smtp, email in (
        ({"rcpt_to": many}, {}),
        ({"mail_from": text}, {}),
        ({}, {"subject": text, "attachment": many}),
    ):
        whole = {"mail_from": "a@b", "rcpt_to": ["a@b"], **smtp}
        yield {"event_type": "smtp", "timestamp": TIME, "smtp": whole, "email": email}


def _jsonl(text: str, many: list[str]) -> Iterator[Row]:
    for fields in ({"recipients": many[:10_000]}, {"sender": text}, {"subject": text}, {"labels": many[:100]}):
        yield {"id": "1", "time": 1795502929000, "sender": "a@b", "recipients": ["a@b"], **fields}


def _m365(text: str, _many: list[str]) -> Iterator[Row]:
    for name in ("recipientStatus", "recipientAddress", "senderAddress", "received", "subject"):
        yield {"recipientAddress": "a@b", "senderAddress": "a@b", "received": TIME, name: text}


def _google(text: str, many: list[str]) -> Iterator[Row]:
    for name in ("recipientAddress", "sender", "startDate", "subject"):
        yield {"recipientAddress": "a@b", "sender": "a@b", "startDate": TIME, name: text}
    destinations = [{"address": one} for one in many[: len(many) // 3]]
    info = {"source": {"address": text[:1_000]}, "destination": destinations}
    yield {"event_info": {"timestamp_usec": "1795502929000000"}, "message_info": info}


ROWS: dict[str, Callable[[str, list[str]], Iterator[Row]]] = {
    "zeek": _zeek,
    "suricata": _suricata,
    "jsonl": _jsonl,
    "m365": _m365,
    "google": _google,
}
