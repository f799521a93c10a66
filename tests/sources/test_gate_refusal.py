"""Refusals by the gate give no events, since it publishes them itself; other mail with its words in it does."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from streams.events.mail import MailEvent
from streams.sources.gate_refusal import SKIPPED, is_gate_refusal, is_gate_reply
from streams.sources.postfix import Postfix
from streams.sources.registry import source_named
from streams.sources.source import SourceOptions
from tests.sources.read_log import read

REPLY = "[straymail] army.ml is probably a mistake for army.mil. If you do mean army.ml, send the mail again."
OWN = SourceOptions(year=2026, own_networks=(ip_network("10.0.0.0/8"),))
ENVELOPE = "; from=<jo@mod.example> to=<sam@army.ml> proto=ESMTP helo=<x>"
REJECT = f"reject: RCPT from x[10.0.0.1]: 550 5.7.1 <sam@army.ml>: Recipient address rejected: {REPLY}{ENVELOPE}"
FROM = "from=<jo@mod.example>, size=9, nrcpt=1 (queue active)"
BOUNCE = "to=<sam@army.ml>, relay=gw[{}]:25, delay=1, delays=1/0/0/0, dsn=5.7.1, status={} ({})"
SAID = f"host gw said: 550 5.7.1 <sam@army.ml>: Recipient address rejected: {REPLY} (in reply to RCPT TO command)"
OTHER = "to=<kim@army.ml>, relay=mx[192.0.2.1]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 ok)"


def of_postfix(*parts: str) -> tuple[list[MailEvent], int, int]:
    """The events of these lines, how many refusals by the gate were skipped, and how much else."""
    source = Postfix(OWN)
    lines = [f"Nov 24 06:48:{second:02} mx1 postfix/{part}".encode() for second, part in enumerate(parts)]
    events = [event for line in lines for event in source.read(line)] + list(source.finish())
    return events, source.skipped.pop(SKIPPED, 0), source.skipped.total()


@pytest.mark.parametrize(
    "parts",
    [
        [f"smtpd[1]: NOQUEUE: {REJECT}"],
        ["smtpd[1]: 4A1B2C3D: client=x[10.0.0.1]", f"smtpd[1]: 4A1B2C3D: {REJECT}"],
        [
            "smtpd[1]: 4A1B2C3D: client=x[10.0.0.1]",
            "cleanup[1]: 4A1B2C3D: message-id=<m@mod.example>",
            f"cleanup[1]: 4A1B2C3D: milter-reject: END-OF-HEADERS from x[10.0.0.1]: 5.7.1 {REPLY}{ENVELOPE}",
        ],
        [f"qmgr[1]: 4A1B2C3D: {FROM}", f"smtp[1]: 4A1B2C3D: {BOUNCE.format('10.0.0.5', 'bounced', SAID)}"],
        [
            f"qmgr[1]: 4A1B2C3D: {FROM}",
            f"smtp[1]: 4A1B2C3D: {BOUNCE.format('10.0.0.5', 'bounced', f'host gw said: 550 5.7.1 {REPLY}')}",
            "qmgr[1]: 4A1B2C3D: removed",
        ],
    ],
)
def test_a_refusal_by_the_gate_is_no_event(parts: list[str]) -> None:
    assert of_postfix(*parts) == ([], 1, 0)


def test_the_other_recipients_of_the_mail_are() -> None:
    events, skipped, _ = of_postfix(
        "smtpd[1]: 4A1B2C3D: client=x[10.0.0.1]",
        f"smtpd[1]: 4A1B2C3D: {REJECT}",
        f"qmgr[1]: 4A1B2C3D: {FROM}",
        f"smtp[1]: 4A1B2C3D: {OTHER}",
    )
    assert [(event.recipients, event.delivery) for event in events] == [(["kim@army.ml"], "delivered")]
    assert skipped == 1


@pytest.mark.parametrize(
    ("parts", "delivery"),
    [
        ([BOUNCE.format("192.0.2.7", "bounced", SAID)], "failed"),
        ([BOUNCE.format("10.0.0.5", "sent", f"250 2.0.0 {REPLY}")], "delivered"),
        ([BOUNCE.format("10.0.0.5", "sent", f"host gw said: {REPLY}")], "delivered"),
        ([BOUNCE.format("10.0.0.5", "deferred", SAID)], "deferred"),
        ([BOUNCE.format("10.0.0.5", "bounced", "host gw said: 550 no, see our [straymail] page")], "failed"),
        (
            ["reject: RCPT from x[10.0.0.1]: 554 5.7.1 <sam@army.ml>: Recipient address rejected: no" + ENVELOPE],
            "rejected",
        ),
        (
            [
                "reject: RCPT from x[10.0.0.1]: 554 5.7.1 <sam@army.ml>: no; from=<jo@mod.example> to=<sam@army.ml> "
                "proto=ESMTP helo=<[straymail]>"
            ],
            "rejected",
        ),
    ],
)
def test_the_words_of_others_hide_nothing(parts: list[str], delivery: str) -> None:
    """A stranger's server says what it likes when it has taken a mail."""
    events, skipped, _ = of_postfix(f"qmgr[1]: 4A1B2C3D: {FROM}", *(f"x[1]: 4A1B2C3D: {p}" for p in parts))
    assert [(event.recipients, event.delivery) for event in events] == [(["sam@army.ml"], delivery)]
    assert skipped == 0


def of_exim(folder: Path, *lines: str) -> list[tuple[list[str], object]]:
    path = folder / "mainlog"
    path.write_text("".join(f"2026-11-24 07:38:52 {line}\n" for line in lines))
    events, problems, _ = read("exim", [path], OWN)
    assert problems == []
    return [(event.recipients, event.delivery) for event in events]


def test_exims_refusals(tmp_path: Path) -> None:
    start = "H=(desk) [10.0.0.1] F=<jo@mod.example> rejected RCPT <sam@army.ml>: "
    assert of_exim(tmp_path, start + REPLY) == of_exim(tmp_path, f"{start}550 5.7.1 {REPLY}") == []
    assert of_exim(tmp_path, start + "no, see our [straymail] page") == [(["sam@army.ml"], "rejected")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            f"** sam@army.ml R=smart T=smtp H=gw [10.0.0.5]: SMTP error after RCPT TO:<sam@army.ml>: 550 5.7.1 {REPLY}",
            [],
        ),
        (
            f"** sam@army.ml R=smart T=smtp H=mx [192.0.2.1]: SMTP error: 550 5.7.1 {REPLY}",
            [(["sam@army.ml"], "failed")],
        ),
        (f'=> sam@army.ml R=smart T=smtp H=gw [10.0.0.5] C="250 ok: {REPLY}"', [(["sam@army.ml"], "delivered")]),
    ],
)
def test_exims_deliveries(tmp_path: Path, line: str, expected: list[object]) -> None:
    mail = "1xVl76-0003zm-1H"
    arrival = f"{mail} <= jo@mod.example H=x [10.0.0.1] P=esmtp S=461 id=a@x"
    assert of_exim(tmp_path, arrival, f"{mail} {line}", f"{mail} Completed") == expected


def test_only_the_place_of_the_reply_counts() -> None:
    assert is_gate_refusal(b"from x[10.0.0.1]:77: 550 5.7.1 [straymail] no")
    assert not is_gate_refusal(b"from x[10.0.0.1]: 550 5.7.1 no [straymail] no")
    assert is_gate_reply(b" [straymail] no")
    assert not is_gate_reply(b"no [straymail] no")


RELAY, STRANGER = "10.0.0.5", "6.6.6.6"
LAST_ERROR = "[{{LRT=11/24/2026 6:48:49 AM}};{{LED=550 5.7.1 {}}};{{FQDN=gw.mod.example}};{{IP={}}}]"


def of_exchange(*failed: tuple[str, str, str]) -> tuple[dict[str, str | None], int]:
    """What becomes of each recipient of a mail that Exchange received and of which these steps failed, each with
    recipients, their status and the server's address; and how many refusals by the gate were skipped."""
    source = source_named("exchange", OWN)
    names = (
        "#Fields: date-time,server-ip,event-id,message-id,recipient-address,recipient-status,sender-address,return-path"
    )
    start = '2026-11-24T06:48:49Z,{},{},<m@mod.example>,{},"{}",jo@mod.example,jo@mod.example'
    rows = [start.format("10.0.0.1", "RECEIVE", "sam@army.ml;kim@army.mil", "")]
    rows += [start.format(server, "FAIL", to, status) for to, status, server in failed]
    list(source.read(names.encode()))
    events = [event for line in rows for event in source.read(line.encode())] + list(source.finish())
    found: dict[str, str | None] = {}
    for event in events:
        ends = event.delivery if isinstance(event.delivery, dict) else dict.fromkeys(event.recipients, event.delivery)
        found |= ends
    return found, source.skipped[SKIPPED]


KEPT: dict[str, str | None] = {"kim@army.mil": None}
FAILED: dict[str, str | None] = {"sam@army.ml": "failed", "kim@army.mil": "unknown"}


@pytest.mark.parametrize(
    ("to", "status", "server", "expected"),
    [
        ("sam@army.ml", f"550 5.7.1 {REPLY}", RELAY, KEPT),
        ("sam@army.ml", LAST_ERROR.format(REPLY, RELAY), "", KEPT),
        ("sam@army.ml", LAST_ERROR.format(f"<sam@army.ml>: Recipient address rejected: {REPLY}", RELAY), "", KEPT),
        ("sam@army.ml;kim@army.mil", LAST_ERROR.format(REPLY, RELAY) + ";" + LAST_ERROR.format("no", RELAY), "",
         {"kim@army.mil": "failed"}),
        ("sam@army.ml", LAST_ERROR.format(REPLY, STRANGER), RELAY, FAILED),
        ("sam@army.ml", f"550 5.7.1 {REPLY}", STRANGER, FAILED),
        ("sam@army.ml", f"550 5.7.1 {REPLY}", "", FAILED),
        ("sam@army.ml", "550 5.1.1 no", RELAY, FAILED),
    ],
)  # fmt: skip
def test_a_refusal_by_the_gate_in_message_tracking(
    to: str, status: str, server: str, expected: dict[str, str | None]
) -> None:
    """It counts only from a server of the organisation's: a stranger's may say the same."""
    found, skipped = of_exchange((to, status, server))
    assert found == expected
    assert skipped == ("sam@army.ml" not in expected)
