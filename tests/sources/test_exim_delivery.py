"""Exim's delivery lines: to whom a mail went, and which of them are its end."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from streams.errors import UnreadableRecord
from streams.sources.exim_delivery import is_discarded, read_delivery
from streams.sources.own_relays import OwnRelays

OWN = OwnRelays([ip_network("192.0.2.0/24")])
REMOTE = "R=dns T=smtp H=mx.army.ml [6.6.6.6]"
LOCAL = "R=amavis T=amavis H=localhost [127.0.0.1]"


@pytest.mark.parametrize(
    ("text", "recipient", "status"),
    [
        (f"=> bob@army.ml {REMOTE}", "bob@army.ml", "delivered"),
        (f"=> bob@army.ml <team@mod.gov.uk> {REMOTE}", "bob@army.ml", "delivered"),
        (f"** bob@army.ml {REMOTE}: SMTP error", "bob@army.ml", "failed"),
        ("** bob@army.ml: Unrouteable address", "bob@army.ml", "failed"),
        ("=> :blackhole: <bob@army.ml> R=blocked", "bob@army.ml", "failed"),
        ('=> :blackhole: <"b s"@army.ml> R=blocked', '"b s"@army.ml', "failed"),
        ("=> /dev/null <bob@army.ml> R=userforward T=**bypassed**", "bob@army.ml", "failed"),
        (f"=> :blackhole:@army.ml {REMOTE}", ":blackhole:@army.ml", "delivered"),
        ("=> >al@army.ml <desk@mod.gov.uk> R=vacation T=address_reply", "desk@mod.gov.uk", "delivered"),
        ("=> >al@army.ml,bo@army.ml <desk@mod.gov.uk> R=v T=address_reply", "desk@mod.gov.uk", "delivered"),
        ("=> |/usr/bin/procmail -a x@army.ml <desk@mod.gov.uk> R=f T=address_pipe", "desk@mod.gov.uk", "delivered"),
        ("=> /var/mail/army.ml/bob@army.ml <desk@mod.gov.uk> R=v T=file", "desk@mod.gov.uk", "delivered"),
        ("=> bob <bob@army.ml> R=local_user T=local_delivery", "bob@army.ml", "delivered"),
        (f'=> bob@army.ml {LOCAL} C="250 OK id=1rnZxB-0000Ab-2X"', "bob@army.ml", "unknown"),
        (f'=> bob@army.ml {LOCAL} C="250 2.0.0 Ok: queued as 4ABCD"', "bob@army.ml", "unknown"),
        (f'=> bob@army.ml {REMOTE} C="250 OK id=1rnZxB-0000Ab-2X"', "bob@army.ml", "delivered"),
        ('=> bob@army.ml R=f T=s H=f [192.0.2.7] C="250 OK id=1rnZxB-0000Ab-2X"', "bob@army.ml", "unknown"),
        ('=> bob@army.ml R=f T=s H=f [192.0.2.7] C="250 OK"', "bob@army.ml", "unknown"),
    ],
)
def test_recipient_and_end(text: str, recipient: str, status: str) -> None:
    attempt = read_delivery(text.encode(), OWN)
    assert (attempt.recipient, attempt.status) == (recipient, status)


@pytest.mark.parametrize("text", ["=>", "=> ", "** "])
def test_a_line_that_is_cut_short(text: str) -> None:
    with pytest.raises(UnreadableRecord, match="cut short"):
        read_delivery(text.encode(), OWN)


def test_mail_that_an_acl_or_a_filter_throws_away() -> None:
    assert is_discarded(b"=> blackhole (RCPT ACL discarded recipients)")
    assert is_discarded(b"=> discarded (system filter)")
    assert not is_discarded(b"=> blackhole@army.ml R=dns")
