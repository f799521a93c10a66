"""Beginnings of log lines: the same line of Postfix and of Exim, however it was collected."""

from __future__ import annotations

import json

import pytest

from streams.sources.log_line import log_line
from streams.sources.registry import source_named
from streams.sources.source import SourceOptions

TEXT = "A1B2C3D4E5: client=c.example[192.0.2.1]"
LINE = f"Mar 22 08:00:01 mx postfix/smtpd[7]: {TEXT}"
AT_1, AT_2 = 1_774_166_401, 1_774_166_402
CONTAINER_ID = "4f5e6d7c8b9a"


def row(**fields: object) -> str:
    return json.dumps({name.replace("_at_", "@"): value for name, value in fields.items()})


BEGINNINGS = {
    "rfc3164": LINE,
    "rfc3164-priority": f"<22>{LINE}",
    "octet-counted": f"123 <22>{LINE}",
    "one-digit-day": f"Mar 22 08:00:01 mx postfix/smtpd[7]: {TEXT}",
    "fraction": f"Mar 22 08:00:01.123456 mx postfix/smtpd[7]: {TEXT}",
    "year": f"Mar 22 2026 08:00:01 mx postfix/smtpd[7]: {TEXT}",
    "year-after": f"Sun Mar 22 08:00:01 2026 mx postfix/smtpd[7]: {TEXT}",
    "utc": f"Mar 22 08:00:01 UTC mx postfix/smtpd[7]: {TEXT}",
    "cisco-colon": f"Mar 22 08:00:01: mx postfix/smtpd[7]: {TEXT}",
    "iso": f"2026-03-22T08:00:01.123456+00:00 mx postfix/smtpd[7]: {TEXT}",
    "iso-other-offset": f"2026-03-22T10:00:01+0200 mx postfix/smtpd[7]: {TEXT}",
    "iso-nanoseconds": f"2026-03-22T08:00:01.123456789Z mx postfix/smtpd[7]: {TEXT}",
    "iso-blank": f"2026-03-22 08:00:01,123 mx postfix/smtpd[7]: {TEXT}",
    "iso-blank-offset": f"2026-03-22 09:00:01.123 +0100 mx postfix/smtpd[7]: {TEXT}",
    "iso-slashes": f"2026/03/22 08:00:01 mx postfix/smtpd[7]: {TEXT}",
    "journal-short-full": f"Sun 2026-03-22 08:00:01 UTC mx postfix/smtpd[7]: {TEXT}",
    "journal-short-unix": f"1774166401.123456 mx postfix/smtpd[7]: {TEXT}",
    "rfc5424": f"<22>1 2026-03-22T08:00:01.123456+00:00 mx postfix/smtpd 7 - - {TEXT}",
    "rfc5424-data": rf'<22>1 2026-03-22T08:00:01Z mx postfix/smtpd 7 ID1 [a@1 b="]\""][c d="e"] {TEXT}',
    "rfc5424-mark": f"<22>1 2026-03-22T08:00:01Z mx postfix/smtpd 7 - - \ufeff{TEXT}",
    "rfc5424-no-priority": f"2026-03-22T08:00:01Z mx postfix/smtpd 7 - - {TEXT}",
    "rfc5424-counted": f"99 <22>1 2026-03-22T08:00:01Z mx postfix/smtpd 7 - - {TEXT}",
    "no-pid": f"Mar 22 08:00:01 mx postfix/smtpd: {TEXT}",
    "solaris": f"Mar 22 08:00:01 mx postfix/smtpd[7]: [ID 197553 mail.info] {TEXT}",
    "aix": f"Mar 22 08:00:01 mx mail:info postfix/smtpd[7]: {TEXT}",
    "bsd": f"Mar 22 08:00:01 <mail.info> mx postfix/smtpd[7]: {TEXT}",
    "busybox": f"Mar 22 08:00:01 mx mail.info postfix/smtpd[7]: {TEXT}",
    "level-for-host": f"2026-03-22T08:00:01.123456+00:00 INFO    postfix/smtpd[7]: {TEXT}",
    "docker-syslog": f"Mar 22 08:00:02 host docker[99]: {LINE}",
    "docker-tag": f"Mar 22 08:00:02 host docker/mail/{CONTAINER_ID}[99]: {LINE}",
    "docker-id": f"Mar 22 08:00:02 host {CONTAINER_ID}[99]: {LINE}",
    "docker-name": f"Mar 22 08:00:02 host mailserver[99]: {LINE}",
    "docker-rfc5424": f"<30>1 2026-03-22T08:00:02Z host mailserver 99 mailserver - {LINE}",
    "docker-compose-syslog": f"Mar 22 08:00:02 host docker-compose[99]: mail_1  | {LINE}",
    "docker-logs": f"2026-03-22T08:00:02.123456789Z {LINE}",
    "docker-json": row(log=f"{LINE}\n", stream="stdout", time="2026-03-22T08:00:02.123456789Z"),
    "compose": f"mail-1  | {LINE}",
    "compose-colour": f"\x1b[36mmail-1  | \x1b[0m{LINE}",
    "swarm": f"mail.1.abc@node1    | {LINE}",
    "cri": f"2026-03-22T08:00:02.123456789Z stdout F {LINE}",
    "cri-no-time": f"2026-03-22T08:00:01.123456789Z stdout F postfix/smtpd[7]: {TEXT}",
    "kubectl": f"[pod/mail-0/postfix] {LINE}",
    "loki": f'2026-03-22T08:00:02Z {{app="mail"}} {LINE}',
    "journal": row(
        __REALTIME_TIMESTAMP="1774166401123456", _HOSTNAME="mx", SYSLOG_IDENTIFIER="postfix/smtpd", MESSAGE=TEXT
    ),
    "journal-bytes": row(
        __REALTIME_TIMESTAMP="1774166401123456",
        SYSLOG_IDENTIFIER="postfix/smtpd",
        MESSAGE=list(TEXT.encode()),
    ),
    "journal-docker": row(
        __REALTIME_TIMESTAMP="1774166402123456",
        SYSLOG_IDENTIFIER=CONTAINER_ID,
        CONTAINER_NAME="mail",
        MESSAGE=LINE,
    ),
    "filebeat": row(_at_timestamp="2026-03-22T08:00:02.000Z", host={"name": "mx"}, message=LINE),
    "filebeat-parsed": row(
        _at_timestamp="2026-03-22T08:00:01.000Z",
        host={"hostname": "mx"},
        process={"name": "postfix/smtpd", "pid": 7},
        message=TEXT,
    ),
    "fluent-bit": row(time="2026-03-22T08:00:01.123Z", host="mx", ident="postfix/smtpd", pid="7", message=TEXT),
    "rsyslog-json": row(
        timestamp="2026-03-22T08:00:01.123+00:00", host="mx", program="postfix/smtpd", message=" " + TEXT
    ),
    "kubernetes-json": row(log=LINE, stream="stderr", time="2026-03-22T08:00:02Z", kubernetes={"pod_name": "mail-0"}),
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_line_of_postfix_however_it_was_collected(name: str) -> None:
    found = log_line(BEGINNINGS[name].encode())
    assert found is not None
    assert (found.program, found.text.strip()) == (b"postfix/smtpd", TEXT.encode())
    time_ms = source_named("postfix", SourceOptions(year=2026)).time_ms(BEGINNINGS[name].encode())
    assert time_ms is not None
    assert time_ms // 1000 == AT_1


EXIM_TEXT = "1rnZxB-0000Ab-2X <= desk@mod.gov.uk H=c [192.0.2.1] P=esmtps S=900 id=a@b"
OWN = f"2026-03-22 08:00:01 {EXIM_TEXT}"
OF_EXIM = {
    "own": OWN,
    "own-offset": f"2026-03-22 09:00:01.123 +0100 [7] {EXIM_TEXT}",
    "syslog": f"Mar 22 08:00:02 mx exim[7]: {OWN}",
    "syslog-no-time": f"Mar 22 08:00:01 mx exim[7]: {EXIM_TEXT}",
    "syslog-pid": f"Mar 22 08:00:01 mx exim4: [7] {EXIM_TEXT}",
    "syslog-iso": f"2026-03-22T08:00:01.123+00:00 mx exim[7]: {EXIM_TEXT}",
    "syslog-iso-blank": f"2026-03-22 08:00:01 mx exim[7]: {EXIM_TEXT}",
    "rfc5424": f"<22>1 2026-03-22T08:00:01Z mx exim 7 - - {EXIM_TEXT}",
    "journal": row(__REALTIME_TIMESTAMP="1774166401123456", SYSLOG_IDENTIFIER="exim4", MESSAGE=EXIM_TEXT),
    "docker-syslog": f"Mar 22 08:00:02 host docker[99]: {OWN}",
    "docker-logs": f"2026-03-22T08:00:02.123456789Z {OWN}",
    "docker-json": row(log=f"{OWN}\n", stream="stdout", time="2026-03-22T08:00:02.123456789Z"),
    "cri": f"2026-03-22T08:00:02.1Z stdout F {OWN}",
    "compose": f"mail-1  | {OWN}",
}


@pytest.mark.parametrize("name", OF_EXIM)
def test_a_line_of_exim_however_it_was_collected(name: str) -> None:
    source = source_named("exim", SourceOptions(year=2026))
    delivered = OF_EXIM[name].replace(EXIM_TEXT, "1rnZxB-0000Ab-2X => bob@army.ml R=out T=smtp H=mx [192.0.2.9]")
    assert [*source.read(OF_EXIM[name].encode()), *source.read(delivered.encode())] == []
    assert [(event.sender, event.recipients, event.time_ms // 1000) for event in source.finish()] == [
        ("desk@mod.gov.uk", ["bob@army.ml"], AT_1)
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"Mar 22 08:00:02 web php[99]: {LINE}",
        f"Mar 22 08:00:02 web nginx[99]: {LINE}",
        f"Mar 22 08:00:02 mx postfix/smtpd[7]: {LINE}",
        row(__REALTIME_TIMESTAMP="1774166402123456", SYSLOG_IDENTIFIER="php", MESSAGE=LINE),
    ],
)
def test_what_another_program_was_sent_is_no_line_of_postfix(line: str) -> None:
    found = log_line(line.encode())
    assert found is not None
    assert found.text == LINE.encode()


def test_a_line_that_is_wrapped_again_and_again_ends() -> None:
    found = log_line(b"Mar 22 08:00:02 host docker[99]: " * 20 + LINE.encode())
    assert found is not None
    assert found.program == b"docker"


@pytest.mark.parametrize("line", ["", "x", "{}", "[]", '{"MESSAGE": null}', '{"message": [300]}', "22 08:00:01 mx"])
def test_what_is_no_line(line: str) -> None:
    assert log_line(line.encode()) is None
