"""Strangers name any sender: what they are refused is inbound mail, which is not scored."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path

import orjson
import pytest

from streams.events.mail import MailEvent
from streams.networks import Network
from streams.sources.source import SourceOptions
from tests.sources.read_log import read

Seen = list[tuple[str, list[str], str | None]]
OWN_NETWORKS: tuple[Network, ...] = (ip_network("10.0.0.0/8"), ip_network("203.0.114.0/24"))
POSTFIX = "Nov 24 06:48:{:02} mx1 postfix/smtpd[1]: {}\n"
EXIM = "2026-11-24 07:38:{:02} {}\n"
INJECTED = '"; from=<ceo@mod.gov.uk> to=<secrets@army.ml> proto=x"@evil.example'
ENVELOPE = "; from=<ceo@mod.gov.uk> to=<secrets@army.ml> proto=ESMTP helo=<x>"
CEO = ("ceo@mod.gov.uk", ["secrets@army.ml"])


def seen(
    folder: Path, source: str, line: str, texts: Sequence[str], networks: tuple[Network, ...] = OWN_NETWORKS
) -> Seen:
    path = folder / "log"
    path.write_text("".join(line.format(number, text) for number, text in enumerate(texts)))
    events, problems, _ = read(source, [path], SourceOptions(year=2026, own_networks=networks))
    assert problems == []
    return [_row(event) for event in events]


def _row(event: MailEvent) -> tuple[str, list[str], str | None]:
    return event.sender, event.recipients, event.direction


@pytest.mark.parametrize(
    ("client", "login", "direction"),
    [
        ("unknown[6.6.6.6]", "", "inbound"),
        ("unknown[6.6.6.6]:4711", "", "inbound"),
        ("mod.gov.uk.evil.example[6.6.6.6]", "", "inbound"),
        ("unknown[::ffff:6.6.6.6]", "", "inbound"),
        ("unknown[6.6.6.6]", " sasl_username=<ceo>", None),
        ("unknown[10.1.2.3]", "", None),
        ("unknown[::ffff:10.1.2.3]:4711", "", None),
        ("app.mod.gov.uk[6.6.6.6]", "", None),
    ],
)
@pytest.mark.parametrize("queue_id", ["NOQUEUE", "4A1B2C3D"])
def test_refusals_of_postfix(tmp_path: Path, queue_id: str, client: str, login: str, direction: str | None) -> None:
    line = f"{queue_id}: reject: RCPT from {client}: 554 5.7.1 <secrets@army.ml>: Relay access denied{ENVELOPE}{login}"
    assert seen(tmp_path, "postfix", POSTFIX, [line]) == [(*CEO, direction)]


def test_an_address_adds_no_field_to_a_refusal(tmp_path: Path) -> None:
    reply = f"554 5.7.1 <{INJECTED}>: Relay access denied; from=<a@evil.example> to=<{INJECTED}> proto=ESMTP helo=<x>"
    line = f"NOQUEUE: reject: RCPT from unknown[6.6.6.6]: {reply}"
    assert seen(tmp_path, "postfix", POSTFIX, [line]) == [("a@evil.example", [INJECTED], "inbound")]


@pytest.mark.parametrize(
    ("client", "direction"),
    [
        ("unknown[6.6.6.6]", "inbound"),
        ("unknown[6.6.6.6], sasl_method=PLAIN, sasl_username=ceo", None),
        ("unknown[10.1.2.3]", None),
    ],
)
@pytest.mark.parametrize("client_comes_last", [False, True])
def test_a_refused_recipient_of_a_mail_that_was_accepted_for_others(
    tmp_path: Path, client: str, direction: str | None, client_comes_last: bool
) -> None:
    lines = [
        f"4A1B2C3D: client={client}",
        f"4A1B2C3D: reject: RCPT from {client.partition(',')[0]}: 554 no{ENVELOPE}",
        "4A1B2C3D: from=<ceo@mod.gov.uk>, size=9, nrcpt=1 (queue active)",
        "4A1B2C3D: to=<desk@mod.gov.uk>, relay=x[10.0.0.9]:25, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (ok)",
        "4A1B2C3D: removed",
    ]
    ordered = [*lines[1:4], lines[0], lines[4]] if client_comes_last else lines
    whole = [("ceo@mod.gov.uk", ["desk@mod.gov.uk", "secrets@army.ml"], None)]
    parted = [("ceo@mod.gov.uk", ["desk@mod.gov.uk"], None), (*CEO, "inbound")]
    assert seen(tmp_path, "postfix", POSTFIX, ordered) == (whole if direction is None else parted)


@pytest.mark.parametrize(
    "line",
    [
        '4A1B2C3D: to=<"secrets@army.ml>, relay=x, delay=1, status=sent (ok) "@mod.gov.uk>, relay=local, delay=1, '
        "delays=1/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)",
        '4A1B2C3D: to=<desk@mod.gov.uk>, orig_to=<"x>, relay=x, status=sent (ok) to=<secrets@army.ml>"@mod.gov.uk>, '
        "relay=local, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)",
    ],
)
def test_an_odd_recipient_of_one_s_own_is_read_whole(tmp_path: Path, line: str) -> None:
    sender = '4A1B2C3D: from=<"ceo@mod.gov.uk>, size=9, nrcpt=1"@evil.example>, size=9, nrcpt=1 (queue active)'
    ((found, recipients, _),) = seen(tmp_path, "postfix", POSTFIX, [sender, line])
    assert found.endswith("@evil.example")
    assert all(recipient.endswith("@mod.gov.uk") for recipient in recipients)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("H=(x) [6.6.6.6] F=<ceo@mod.gov.uk> rejected RCPT <secrets@army.ml>: no", (*CEO, "inbound")),
        (
            "H=(x) [6.6.6.6]:4711 I=[203.0.114.1]:25 X=TLS1.3:x:256 CV=no F=<ceo@mod.gov.uk> temporarily rejected RCPT "
            "<secrets@army.ml>",
            (*CEO, "inbound"),
        ),
        ("H=(x) [6.6.6.6] U=root F=<ceo@mod.gov.uk> rejected RCPT secrets@army.ml: no", (*CEO, "inbound")),
        ("H=(x) [6.6.6.6] F=<ceo@mod.gov.uk> A=plain:ceo rejected RCPT <secrets@army.ml>: no", (*CEO, None)),
        ("H=(x) [10.1.2.3] F=<ceo@mod.gov.uk> rejected RCPT <secrets@army.ml>: no", (*CEO, None)),
        ("H=app.mod.gov.uk (x) [6.6.6.6] F=<ceo@mod.gov.uk> rejected RCPT <secrets@army.ml>: no", (*CEO, None)),
        ("U=root F=<ceo@mod.gov.uk> rejected RCPT <secrets@army.ml>: no", (*CEO, None)),
        (
            'H=(x) [6.6.6.6] F=<"x> A=plain:ceo"@evil.example> rejected RCPT <secrets@army.ml>: no',
            ('"x> A=plain:ceo"@evil.example', ["secrets@army.ml"], "inbound"),
        ),
        (
            "H=(x) [6.6.6.6] F=<a@evil.example> rejected RCPT "
            '<"> F=<ceo@mod.gov.uk> rejected RCPT <s@army.ml>"@b.example>: no',
            ("a@evil.example", ['"> F=<ceo@mod.gov.uk> rejected RCPT <s@army.ml>"@b.example'], "inbound"),
        ),
        ("H=(x) [10.0.0.1] F=<ceo@mod.gov.uk> rejected RCPT <s@army.ml>: (y) [6.6.6.6] F=<> rejected RCPT <a@b>", None),
        ("H=(x [10.0.0.1]) [6.6.6.6] F=<ceo@mod.gov.uk> rejected RCPT <s@army.ml>: no", None),
    ],
)
def test_refusals_of_exim(tmp_path: Path, line: str, found: tuple[str, list[str], str | None] | None) -> None:
    assert seen(tmp_path, "exim", EXIM, [line]) == ([found] if found is not None else [])


def test_an_odd_recipient_of_one_s_own_is_read_whole_by_exim(tmp_path: Path) -> None:
    lines = [
        '1xVl76-0003zm-1H <= "x H=y"@evil.example H=(x) [6.6.6.6] P=esmtp S=461 id=a@x',
        '1xVl76-0003zm-1H => secrets@army.ml R=x <"secrets@army.ml R=x"@mod.gov.uk> R=local T=local_delivery',
        '1xVl76-0003zm-1H -> secrets@army.ml <"secrets@army.ml"@mod.gov.uk> R=local T=local_delivery',
        "1xVl76-0003zm-1H Completed",
    ]
    ((sender, recipients, _),) = seen(tmp_path, "exim", EXIM, lines)
    assert sender == '"x H=y"@evil.example'
    assert recipients == ['"secrets@army.ml R=x"@mod.gov.uk', '"secrets@army.ml"@mod.gov.uk']


@pytest.mark.parametrize(
    ("client", "server", "direction"),
    [("6.6.6.6", "203.0.114.25", "inbound"), ("6.6.6.6", "10.0.0.25", "inbound"), ("203.0.114.25", "6.6.6.6", None)],
)
def test_what_a_sensor_saw_come_in(tmp_path: Path, client: str, server: str, direction: str | None) -> None:
    zeek = {"ts": 1795502929, "id.orig_h": client, "id.resp_h": server, "mailfrom": CEO[0], "rcptto": CEO[1]}
    smtp = {"mail_from": CEO[0], "rcpt_to": CEO[1]}
    time = "2026-11-24T06:48:49Z"
    suricata = {"timestamp": time, "event_type": "smtp", "src_ip": client, "dest_ip": server, "smtp": smtp}
    for source, row in (("zeek", zeek), ("suricata", suricata)):
        assert seen(tmp_path, source, "{1}", [orjson.dumps(row).decode()]) == [(*CEO, direction)]


RECEIVED = "Received: from x ({} [{}]) by mx1.mod.gov.uk (Postfix) with {} id 4A; Tue, 24 Nov 2026 06:48:49 +0000\n"
HEADER = "From: ceo@mod.gov.uk\nTo: secrets@army.ml\nDate: Tue, 24 Nov 2026 06:48:49 +0000\n"
RESENT = "Resent-From: ceo@mod.gov.uk\nResent-To: secrets@army.ml\nResent-Date: Tue, 24 Nov 2026 06:48:49 +0000\n"
STRANGER = RECEIVED.format("unknown", "6.6.6.6", "ESMTPS")


@pytest.mark.parametrize(
    ("header", "directions"),
    [
        (HEADER, [None]),
        (RECEIVED.format("desk", "10.0.0.7", "ESMTP") + HEADER, [None]),
        (RECEIVED.format("unknown", "6.6.6.6", "ESMTPSA") + HEADER, [None]),
        (STRANGER + HEADER, ["inbound"]),
        (RECEIVED.format("localhost", "127.0.0.1", "ESMTP") + STRANGER + HEADER, ["inbound"]),
        (STRANGER + RECEIVED.format("unknown", "6.6.6.6", "ESMTPSA") + HEADER, ["inbound"]),
        (STRANGER.replace("from x", "from [127.0.0.1]") + HEADER, ["inbound"]),
        (STRANGER.replace(" (", "\n\t(").replace(" by ", "\n\tby ") + HEADER, ["inbound"]),
        (RESENT + STRANGER + HEADER, ["inbound", None]),
        (STRANGER + RESENT + HEADER, ["inbound", "inbound"]),
    ],
)
def test_mail_that_came_in_is_not_sent_mail(tmp_path: Path, header: str, directions: list[str | None]) -> None:
    found = seen(tmp_path, "eml", "{1}", [header + "\nBody\n"])
    assert found == [(*CEO, direction) for direction in directions]


@pytest.mark.parametrize("source", ["m365", "google"])
def test_an_odd_recipient_in_an_export_is_one(tmp_path: Path, source: str) -> None:
    odd = {"m365": '"a;secrets@army.ml;b"@mod.gov.uk', "google": '"a,secrets@army.ml,b"@mod.gov.uk'}[source]
    row = {"senderAddress": CEO[0], "sender": CEO[0], "recipientAddress": odd, "received": "2026-11-24T06:48:49Z"}
    row["startDate"] = row["received"]
    assert seen(tmp_path, source, "{1}", [orjson.dumps(row).decode()]) == [(CEO[0], [odd], None)]
    listed = {**row, "recipientStatus": f'{odd}##Receive;"x##Send;secrets@army.ml##Send"@mod.gov.uk##Fail'}
    if source == "m365":
        ((_, recipients, _),) = seen(tmp_path, source, "{1}", [orjson.dumps(listed).decode()])
        assert all(recipient.endswith("@mod.gov.uk") for recipient in recipients)


def test_a_mail_with_a_known_id_does_not_hide_the_one_sent(tmp_path: Path) -> None:
    """Whoever got a mail can send one in with its id and its sender: the newest rows of a trace come first."""
    row = {"senderAddress": CEO[0], "messageId": "<1@mod.gov.uk>", "received": "2026-11-24T06:48:49Z"}
    came = {**row, "recipientAddress": "desk@mod.gov.uk", "directionality": "Incoming"}
    went = {**row, "recipientAddress": CEO[1][0], "directionality": "Originating"}
    texts = [orjson.dumps(one).decode() for one in (came, went)]
    assert seen(tmp_path, "m365", "{1}\n", texts) == [
        (CEO[0], ["desk@mod.gov.uk"], "inbound"),
        (*CEO, "outbound"),
    ]
