"""Lines of sendmail about a mail: what a client writes is in no other field than its own."""

from __future__ import annotations

import pytest

from streams.sources.sendmail_lines import client_of, read_arrival, read_attempt, read_refusal

TIMES = "delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=120, relay=mx.example [192.0.2.9]"
SENT = f"{TIMES}, dsn=2.0.0, stat=Sent (ok)"


def test_an_arrival() -> None:
    line = (
        b"from=<jo@mod.example>, size=900, class=0, nrcpts=2, msgid=<1@mod.example>, bodytype=8BITMIME, proto=ESMTPSA,"
        b" daemon=MTA, relay=c.example [192.0.2.1]"
    )
    assert read_arrival(line) == (b"jo@mod.example", 900, 2, b"<1@mod.example>", "c.example [192.0.2.1]", True)


@pytest.mark.parametrize(
    ("logged", "message_id"),
    [("<1@b>", "<1@b>"), ("x", "x"), ("<" + "1" * 99, ""), ("<a=b, to=<c@d>>", ""), ("<1 2@b>", "<1 2@b>")],
)
def test_a_message_id_is_whole_or_none(logged: str, message_id: str) -> None:
    found = read_arrival(f"from=<a@b>, size=1, class=0, nrcpts=1, msgid={logged}, proto=SMTP, relay=x".encode())
    assert found is not None
    assert found.message_id.decode() == message_id


@pytest.mark.parametrize(
    ("line", "sender", "client", "is_authenticated"),
    [
        ("from=<>, size=1, class=0, nrcpts=1, proto=SMTP, relay=[192.0.2.1]", "", "[192.0.2.1]", False),
        ("from=root, size=1, class=0, nrcpts=1, msgid=<x>, relay=root@localhost", "root", "", False),
        ('from=<"a, size=1"@b>, size=2, class=0, nrcpts=1', '"a, size=1"@b', "", False),
        (
            "from=<a@b>, size=1, nrcpts=1, msgid=x, proto=ESMTPA, relay=me [10.0.0.1], proto=SMTP, relay=x [192.0.2.1]",
            "a@b",
            "x [192.0.2.1]",
            False,
        ),
    ],
)
def test_who_sent_it(line: str, sender: str, client: str, is_authenticated: bool) -> None:
    found = read_arrival(line.encode())
    assert found is not None
    assert (found.sender.decode(), found.client, found.is_authenticated) == (sender, client, is_authenticated)


@pytest.mark.parametrize(
    ("line", "recipients", "status"),
    [
        (f"to=<a@b>, ctladdr=<x@y> (8/0), {SENT}", ["a@b"], "delivered"),
        (f"to=<a@b>,<c@d>, {SENT}", ["a@b", "c@d"], "delivered"),
        (f"to=<a@b>,<c@d>, [more], {SENT}", ["a@b", "c@d"], "delivered"),
        (f"to=a@b,c@d, ctladdr=jo (0/0), {SENT}", ["a@b", "c@d"], "delivered"),
        (r'to=<"a\\"b"@c>,<"d\\\\"@e>,<f@g>, ' + SENT, [r'"a\"b"@c', r'"d\\"@e', "f@g"], "delivered"),
        (r'to=<"a\"b"@c>,<f@g>, ' + SENT, [r'"a\"b"@c', "f@g"], "delivered"),
        ('to=<"x, to=<y@z>"@b>, ' + SENT, ['"x, to=<y@z>"@b'], "delivered"),
        (f'to=<a@b>, ctladdr=<"x, dsn=5.0.0"@y> (8/0), {SENT}', ["a@b"], "delivered"),
        (f"to=<a@b>, {TIMES}, dsn=4.3.0, stat=Deferred: x, stat=Sent", ["a@b"], "deferred"),
        (f"to=<a@b>, {TIMES}, dsn=5.1.1, reply=550 no, dsn=2, stat=User unknown", ["a@b"], "failed"),
        ("to=/dev/null, delay=00:00:00,xdelay=00:00:00, mailer=*file*, pri=1,dsn=2.0.0, stat=Sent", None, "delivered"),
        ("to=<a@b>, delay=00:00:00, mailer=esmtp, pri=1, stat=queued", ["a@b"], "unknown"),
        ("to=<a@b>, delay=00:00:00, pri=1, stat=Message contains a virus", ["a@b"], "rejected"),
        ("to=<a@b>, mailer=relay, relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent (Message accepted for delivery)",
         ["a@b"], "delivered"),
        ("to=<a@b>, mailer=esmtp, relay=mx.b [192.0.2.9], dsn=2.0.0, stat=Sent (x Message accepted for delivery)",
         ["a@b"], "delivered"),
        ("to=<a@b>, mailer=esmtp, stat=Sent (ok)", ["a@b"], "delivered"),
        ("to=<a@b>, mailer=esmtp, stat=Host unknown", ["a@b"], "failed"),
    ],
)  # fmt: skip
def test_an_attempt(line: str, recipients: list[str] | None, status: str) -> None:
    found = read_attempt(line.encode())
    assert found is not None
    assert ([one.decode() for one in found.recipients if b"@" in one] or None, found.status) == (recipients, status)


@pytest.mark.parametrize("line", ["to=<a@b>,<c@d", 'to=<a@b>,<"c@d>, ' + SENT, f"to=<a@b>, <c@d>, {SENT}"])
def test_a_list_that_ends_unclearly_is_none(line: str) -> None:
    """No recipient of it is lost in silence."""
    assert read_attempt(line.encode()) is None


@pytest.mark.parametrize(
    ("relay", "stat", "expected"),
    [
        ("mx.b. [192.0.2.9]", "Sent (62M801ab000008 Message accepted for delivery)", ("192.0.2.9", "62M801ab000008")),
        ("[127.0.0.1] [127.0.0.1]", "Sent (2.0.0 Ok: queued as 4A1B2C3D)", ("127.0.0.1", "4A1B2C3D")),
        ("localhost", "Sent (250 2.0.0 62M801ab000008 Message accepted)", ("127.0.0.1", "62M801ab000008")),
        ("[IPv6:2001:db8::9]", "Sent (ok)", ("2001:db8::9", None)),
        ("mx.b. [192.0.2.9]", "Sent (see 62M801ab000008 Message accepted)", ("192.0.2.9", None)),
        ("mx.b. [192.0.2.9]", "Deferred (queued as 4A1B2C3D)", ("", None)),
        ("mx.b. [192.0.2.9]", "Sent", ("", None)),
    ],
)
def test_who_has_taken_a_mail(relay: str, stat: str, expected: tuple[str, str | None]) -> None:
    found = read_attempt(f"to=<a@b>, mailer=relay, relay={relay}, stat={stat}".encode())
    assert found is not None
    assert (found.relay, found.queue_id) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ruleset=check_rcpt, arg1=<a@b>, relay=x [192.0.2.1], reject=550 5.7.1 no", (b"a@b", "x [192.0.2.1]")),
        ("ruleset=check_rcpt, arg1=<a@b>, relay=x [192.0.2.1], discard", (b"a@b", "x [192.0.2.1]")),
        ('ruleset=check_rcpt, arg1=<"q, relay=own [10.0.0.1]"@b>, relay=x [192.0.2.1], reject=4', None),
        ("Milter: to=<a@b>, reject=550 5.7.1 no", (b"a@b", "")),
    ],
)
def test_a_refusal(line: str, expected: tuple[bytes, str] | None) -> None:
    assert read_refusal(line.encode()) == (expected or (b'"q, relay=own [10.0.0.1]"@b', "x [192.0.2.1]"))


@pytest.mark.parametrize("line", ["", "from=<a@b", "from=<a@b>", "x"])
def test_what_is_cut_short(line: str) -> None:
    assert (read_arrival(line.encode()), read_attempt(b"to=" + line.encode()), read_refusal(line.encode())) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("c.example [192.0.2.1]", ("c.example", "192.0.2.1")),
        ("c.example [192.0.2.1] (may be forged)", (None, "192.0.2.1")),
        ("[IPv6:2001:db8::1]", (None, "2001:db8::1")),
        ("", (None, "")),
    ],
)
def test_a_client(client: str, expected: tuple[str | None, str]) -> None:
    assert client_of(client) == expected
