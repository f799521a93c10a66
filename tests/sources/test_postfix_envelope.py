"""The end of Postfix's lines: whatever a client writes, it is read as the one field that it is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import UnreadableRecord
from streams.sources.postfix_envelope import Envelope, client_of, read_envelope

STRANGER = "unknown[6.6.6.6]"


def refusal(sender: str, recipient: str, reply: str = "554 5.7.1 no", rest: str = "") -> bytes:
    envelope = f"; from=<{sender}> to=<{recipient}> proto=ESMTP helo=<x>{rest}"
    return f"reject: RCPT from unknown[6.6.6.6]: {reply}{envelope}".encode()


def read(text: bytes) -> Envelope:
    found = read_envelope(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "recipient",
    [
        "bob@army.ml",
        '"; from=<ceo@mod.gov.uk> to=<secrets@army.ml> proto=x"@evil.example',
        '"; from=<ceo@mod.gov.uk> to=<secrets@army.ml> proto=ESMTP helo=<y>"@evil.example',
        '"\\"> proto=ESMTP helo=<y> sasl_username=<ceo>"@evil.example',
        '" to=<\\"a"@evil.example',
    ],
)
def test_a_quoted_recipient_is_read_whole(recipient: str) -> None:
    found = read(refusal("a@evil.example", recipient, reply=f"554 5.7.1 <{recipient}>: no"))
    assert (found.client, found.is_authenticated) == (STRANGER, False)
    assert (found.sender, found.recipient) == (b"a@evil.example", recipient.encode())


def test_a_quoted_sender_is_read_whole() -> None:
    sender = '"x> to=<secrets@army.ml> proto=ESMTP helo=<y>"@evil.example'
    found = read(refusal(sender, "bob@army.ml"))
    assert (found.sender, found.recipient) == (sender.encode(), b"bob@army.ml")


def test_a_login_is_what_comes_after_helo() -> None:
    assert read(refusal("a@b", "c@d", rest=" sasl_username=<desk>")).is_authenticated


def test_before_mail_and_before_rcpt() -> None:
    assert read_envelope(b"reject: CONNECT from x[10.0.0.1]: 554 no; proto=SMTP") is None
    found = read(b"reject: MAIL from x[10.0.0.1]:4711: 554 no; from=<a@b> proto=ESMTP helo=<x>")
    assert (found.client, found.sender, found.recipient) == ("x[10.0.0.1]", b"a@b", b"")


def test_the_client_of_a_header_check_comes_after_the_header() -> None:
    """A header is what its author writes; its name may not contain a blank, a line of the body may."""
    text = b"hold: body from y[127.0.0.1]: x from unknown[6.6.6.6]; from=<a@b> to=<c@d> proto=ESMTP helo=<x>: text"
    assert read(text).client == STRANGER
    assert read(b"info: header Subject: a proto=b from local; from=<a@b> to=<c@d>").client == ""


@pytest.mark.parametrize("recipient", ["a> to=<c@d", 'a"b@c', "a<b@c"])
def test_what_may_be_read_in_two_ways_is_refused(recipient: str) -> None:
    """As with `info_log_address_format = internal`, where Postfix writes no quotes."""
    with pytest.raises(UnreadableRecord, match="can't be told from what the client wrote"):
        read_envelope(refusal("a@b", recipient))


PIECES = [
    '"',
    "\\",
    "<",
    ">",
    " ",
    ";",
    "=",
    "@",
    "a",
    " to=<",
    "; from=<",
    " proto=ESMTP",
    " helo=<",
    " from x[127.0.0.1]",
]
local_parts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@given(local_parts, local_parts)
def test_no_quoted_address_adds_a_field(sender: str, recipient: str) -> None:
    def quoted(local: str) -> str:
        escaped = local.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"@evil.example'

    found = read(refusal(quoted(sender), quoted(recipient), reply=f"554 5.7.1 <{quoted(recipient)}>: no"))
    assert (found.client, found.is_authenticated) == (STRANGER, False)
    assert (found.sender, found.recipient) == (quoted(sender).encode(), quoted(recipient).encode())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app.mod.gov.uk[10.0.0.1]", ("app.mod.gov.uk", "10.0.0.1")),
        ("unknown[::1]:4711", (None, "::1")),
        ("local", (None, "")),
        ("", (None, "")),
    ],
)
def test_a_client_has_an_address_and_perhaps_a_verified_name(text: str, expected: tuple[str | None, str]) -> None:
    assert client_of(text) == expected
