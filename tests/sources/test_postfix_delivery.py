"""Postfix's delivery lines: which of them are a mail's end."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from streams.errors import UnreadableRecord
from streams.sources.own_relays import OwnRelays
from streams.sources.postfix_delivery import Deliveries

OWN = Deliveries(OwnRelays([ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")]))


def status(relay: str, end: str, program: str = "postfix/smtp", to: str = "bob@army.ml") -> str | None:
    line = f"to=<{to}>, orig_to=<b@x>, relay={relay}, conn_use=2, delay=1, delays=1/0/0/0, dsn=2.0.0, status={end}"
    attempt = OWN.read(program.encode(), line.encode())
    return None if attempt is None else attempt.status


@pytest.mark.parametrize(
    ("relay", "end", "program", "expected"),
    [
        ("mx.army.ml[6.6.6.6]:25", "sent (250 2.0.0 Ok: queued as 4ABCD)", "postfix/smtp", "delivered"),
        ("mx.army.ml[6.6.6.6]:25", "sent (250 ok discarded)", "postfix/smtp", "delivered"),
        ("none", "sent (army.ml)", "postfix/discard", "failed"),
        ("none", "sent (discarded by policy)", "mta-out/discard", "failed"),
        ("local", "sent (discarded)", "postfix/local", "failed"),
        ("local", "sent (delivered to file: /dev/null)", "postfix/local", "failed"),
        ("local", "sent (delivered to maildir)", "postfix/local", "delivered"),
        ("local", "sent (forwarded as 4ABCD)", "postfix/local", "unknown"),
        ("127.0.0.1[127.0.0.1]:10024", "sent (250 2.7.0 Ok, discarded, id=1-01 - spam)", "postfix/smtp", "failed"),
        ("127.0.0.1[127.0.0.1]:10024", "sent (250 2.7.1 Ok, DISCARDED, UBE, id=1-01)", "postfix/lmtp", "failed"),
        ("127.0.0.1[127.0.0.1]:10024", "sent (250 2.5.0 Ok, id=1-01, BOUNCE)", "postfix/lmtp", "failed"),
        ("127.0.0.1[127.0.0.1]:24", "sent (250 2.1.5 bob saved)", "postfix/lmtp", "delivered"),
        ("mx[/run/dovecot/lmtp]", "sent (250 2.0.0 <bob> saved)", "postfix/lmtp", "delivered"),
        ("mx[private/amavis]", "sent (250 Ok: queued as 4ABCD)", "postfix/lmtp", "unknown"),
        ("::1[::1]:10024", "sent (250 Ok: queued as 4ABCD)", "postfix/smtp", "unknown"),
        ("filter[192.0.2.7]:25", "sent (250 Ok)", "postfix/smtp", "unknown"),
        ("filter[2001:db8::7]:25", "sent (250 Ok)", "postfix/smtp", "unknown"),
        ("filter[192.0.2.7]:25", "sent (250 Ok, discarded)", "postfix/smtp", "failed"),
        ("store[192.0.2.7]:24", "sent (250 2.0.0 <bob> saved)", "postfix/lmtp", "delivered"),
        ("dovecot", "sent (delivered via dovecot service)", "postfix/pipe", "delivered"),
        ("none", "bounced (no such domain)", "postfix/error", "failed"),
        ("none", "SOFTBOUNCE (no such domain)", "postfix/error", "deferred"),
        ("none", "deferred (try again)", "postfix/retry", "deferred"),
        ("none", "deliverable (delivers to mailbox)", "postfix/smtp", None),
        ("none", "undeliverable (550 no)", "postfix/smtp", None),
        ("none", "undeliverable-but-not-cached (User unknown)", "postfix/error", None),
        ("none", "deliverable-but-not-cached (x)", "postfix/error", None),
    ],
)
def test_the_end(relay: str, end: str, program: str, expected: str | None) -> None:
    assert status(relay, end, program) == expected


@pytest.mark.parametrize("end", ["sent (250 ok", "", "sen"])
def test_a_line_that_is_cut_short(end: str) -> None:
    with pytest.raises(UnreadableRecord, match="cut short"):
        OWN.read(b"postfix/smtp", f"to=<bob@army.ml>, relay=x, delay=1, {end}".encode())


def test_an_address_that_is_too_long() -> None:
    with pytest.raises(UnreadableRecord, match="too long"):
        status("none", "sent (250 ok)", to="x" * 600 + "@army.ml")


@pytest.mark.parametrize(
    ("answer", "queue_id"),
    [
        ("250 2.0.0 Ok: queued as 4ABCD", "4ABCD"),
        ("250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4ABCD", "4ABCD"),
        ("250 2.6.0 <x@y> [InternalId=1] Queued mail for delivery", None),
    ],
)
def test_the_queue_id_of_the_next_server(answer: str, queue_id: str | None) -> None:
    attempt = OWN.read(b"postfix/smtp", f"to=<b@army.ml>, relay=x[1.1.1.1]:25, status=sent ({answer})".encode())
    assert attempt is not None
    assert attempt.queue_id == queue_id
