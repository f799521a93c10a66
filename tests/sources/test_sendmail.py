"""sendmail's log: a sample that it wrote itself, and what its relatives write."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.events.mail import MailEvent
from streams.networks import LOOPBACK
from streams.sources.registry import source_named
from streams.sources.source import SourceOptions
from tests.sources.read_log import SAMPLES, read

SAMPLE = SAMPLES / "sendmail" / "mail.log"
MANY = [f"u{number}@army.mil" for number in range(60)]
SENT = {
    ("desk1@mod.example", "<1@mod.example>"): {"bob@army.ml": "delivered"},
    ("desk2@mod.example", "<2@mod.example>"): {
        "a@army.mil": "delivered",
        "b@gone.ml": "failed",
        "c@af.ml": "delivered",
    },
    ('"front, desk"@mod.example', "<3@mod.example>"): dict.fromkeys(
        ['"bob smith"@army.ml', '"x, to=<y@z>"@army.ml'], "delivered"
    ),
    ("desk4@mod.example", "<4@mod.example>"): {"press@gone.ml": "failed"},
    ("desk7@mod.example", "<x>"): {"desk7@army.ml": "delivered"},
    ("desk8@mod.example", "<8@mod.example>"): dict.fromkeys(MANY, "delivered"),
    ("desk10@mod.example", "<10@mod.example>"): {"al@army.mil": "delivered", "bob@army.ml": "delivered"},
    ("desk3@mod.example", "<12@mod.example>"): {"a@nowhere.ml": "rejected", "b@army.mil": "delivered"},
    ("desk3@mod.example", "<14@mod.example>"): {"a@trash.ml": "rejected"},
    ("desk5@mod.example", "<16@mod.example>"): {"q@gone.ml": "failed", "r@army.ml": "delivered"},
}


def ends(events: list[MailEvent]) -> dict[tuple[str, str], dict[str, str]]:
    """The last delivery status of each recipient, by sender and message id."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for event in events:
        delivery = (
            event.delivery if isinstance(event.delivery, dict) else dict.fromkeys(event.recipients, event.delivery)
        )
        found.setdefault((event.sender, event.message_id or ""), {}).update(
            {to: status or "unknown" for to, status in delivery.items()}
        )
    return found


def test_a_sample() -> None:
    events, problems, summary = read("sendmail", [SAMPLE])
    found = ends(events)
    assert {key: found.get(key) for key in SENT} == SENT
    refused = [event for event in events if event.message_id not in {key[1] for key in SENT} and event.sender]
    assert [(event.sender, event.recipients, event.delivery) for event in refused] == [
        ("desk6@mod.example", ["none@army.ml"], "delivered"),
        ("desk3@mod.example", ["a@nowhere.ml"], "rejected"),
        ("desk3@mod.example", ["a@later.ml"], "rejected"),
        ("bad@mod.example", ["a@army.mil"], "rejected"),
    ]
    assert sum(event.is_bounce for event in events) == 4
    assert (problems, summary.problems.total()) == ([], 0)


FROM = (
    "62M801ab000007: from=<desk@mod.example>, size=900, class=0, nrcpts=1, msgid=<1@mod.example>, relay=c [192.0.2.1]"
)
TO = "62M801ab000007: to=<bob@army.ml>, delay=00:00:01, mailer=esmtp, relay=mx [192.0.2.9], dsn=2.0.0, stat=Sent (ok)"


def forti(line: str, start: str = "<22>date=2026-03-22 time=08:00:01 device_id=FE1 ") -> str:
    identity, text = line.split(": ", 1)
    fields = "log_id=0300000001 type=event subtype=smtp pri=information user=mail ui=mail action=NONE status=N/A"
    quoted = text.replace('"', r"\"")
    return f'{start}{fields} session_id="{identity}-{identity}" msg="{quoted}"'


@pytest.mark.parametrize(
    "lines",
    [
        [f"Mar 22 08:00:01 mx sm-mta[7]: {line}" for line in (FROM, TO)],
        [f"2026-03-22T08:00:01.1+00:00 mx sendmail[7]: [ID 801593 mail.info] {line}" for line in (FROM, TO)],
        [
            json.dumps(
                {"ts": "2026-03-22T08:00:01.1+0000", "data": f"2026-03-22T08:00:01+00:00 m1 sendmail[7]: {line}"}
            )
            for line in (FROM, TO)
        ],
        [f"Mar 22 08:00:01 mx sendmail[7]: {line}".replace("000007:", "000007-1:") for line in (TO, FROM)],
        [forti(line) for line in (FROM, TO)],
        [forti(line, "Mar 22 08:00:01 fortimail 2026-03-22 08:00:01.041 ") for line in (FROM, TO)],
    ],
    ids=["syslog", "solaris", "proofpoint", "reversed", "fortimail", "fortimail-8"],
)
def test_however_it_is_written(lines: list[str]) -> None:
    source = source_named("sendmail", SourceOptions(year=2026))
    assert [event for line in lines for event in source.read(line.encode())] == []
    (event,) = source.finish()
    assert (event.sender, event.recipients, event.delivery) == ("desk@mod.example", ["bob@army.ml"], "delivered")
    assert (event.message_id, event.time_ms // 1000) == ("<1@mod.example>", 1_774_166_401)


@pytest.mark.parametrize(
    ("client", "direction"),
    [
        ("spam.example [192.0.2.1]", "inbound"),
        ("mx.mod.example [192.0.2.1]", None),
        ("mx.mod.example [192.0.2.1] (may be forged)", "inbound"),
        ("[127.0.0.1]", None),
    ],
)
def test_a_refusal_is_an_own_mail_where_its_client_is_own(client: str, direction: str | None) -> None:
    source = source_named("sendmail", SourceOptions(year=2026, own_networks=LOOPBACK))
    start = "Mar 22 08:00:01 mx sendmail[7]: 62M801ab000007: "
    refusal = f"{start}ruleset=check_rcpt, arg1=<a@army.ml>, relay={client}, reject=550 5.7.1 Relaying denied"
    arrival = f"{start}from=<desk@mod.example>, size=1, class=0, nrcpts=0, proto=SMTP, daemon=MTA, relay={client}"
    list(source.read(refusal.encode()))
    list(source.read(arrival.encode()))
    assert [(event.delivery, event.direction) for event in source.finish()] == [("rejected", direction)]


def test_a_mail_to_a_list_goes_on_with_its_owner() -> None:
    source = source_named("sendmail", SourceOptions(year=2026))
    start = "Mar 22 08:00:01 mx sendmail[7]: "
    clone = "62M801ab000008: clone 62M801ab000007, owner=owner-list@mod.example"
    for line in (FROM, clone, TO.replace("000007", "000008")):
        list(source.read((start + line).encode()))
    (event,) = source.finish()
    assert (event.sender, event.message_id) == ("owner-list@mod.example", "<1@mod.example>")


def test_lines_of_others_are_counted_and_cut_ones_reported() -> None:
    source = source_named("sendmail", SourceOptions(year=2026))
    assert source.read(b"Mar 22 08:00:01 mx sshd[7]: x") == ()
    assert source.read(b"Mar 22 08:00:01 mx sendmail[7]: starting daemon") == ()
    assert source.skipped == {"lines of other programs": 1}
    assert source.read(forti(FROM).replace(" msg=", " to=").encode()) == ()
    assert source.skipped["lines of FortiMail that are not about SMTP"] == 1
    sendmail = b"Mar 22 08:00:01 mx sendmail[7]: "
    assert list(source.read(sendmail + b"62M801ab000007: to=|bob@army.ml>, ctladdr=<desk@mod.example> ")) == []
    assert source.skipped["other lines with an address"] == 1
    for line in (b"x", sendmail + b"62M801ab000007: from=<a", b"Mar 32" + (sendmail + FROM.encode())[6:]):
        with pytest.raises(UnreadableRecord):
            source.read(line)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (FROM.replace("from=<", "from=<" + "x" * 600), "bad-address"),
        (TO.replace("to=<", "to=<" + "x" * 600), "bad-address"),
    ],
)
def test_what_no_event_may_have_is_a_problem_of_its_line(bad: str, reason: str) -> None:
    source, start = source_named("sendmail", SourceOptions(year=2026)), "Mar 22 08:00:01 mx sendmail[7]: "
    with pytest.raises(UnreadableRecord) as caught:
        list(source.read((start + bad).encode()))
    assert caught.value.reason == reason
    for line in (FROM, TO):
        list(source.read((start + line.replace("000007", "000009")).encode()))
    assert len(list(source.finish())) == 1


@pytest.mark.fuzz
@given(st.integers(0, 110), st.integers(0, 300), st.binary(max_size=30))
def test_a_damaged_line_is_read_or_refused(number: int, at: int, noise: bytes) -> None:
    lines = SAMPLE.read_bytes().splitlines()
    line = lines[number % len(lines)]
    source = source_named("sendmail")
    for record in (line[:at] + noise + line[at:], line[:at], forti(line[at:].decode("latin-1") + ": x").encode()):
        with suppress(UnreadableRecord):
            list(source.read(record))
    list(source.finish())
