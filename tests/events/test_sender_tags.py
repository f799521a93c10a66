"""The sender that a tagged sender stands for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events.mail import decode
from streams.events.sender_tags import original_sender

DESK = "desk@mod.gov.uk"


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("prvs=1234aabbcc=desk@mod.gov.uk", DESK),
        ("PRVS=0123456789=Desk@mod.gov.uk", "Desk@mod.gov.uk"),
        ("msprvs1=17863BNYjq2=desk@mod.gov.uk", DESK),
        ("btv1==1234abcd==desk@mod.gov.uk", DESK),
        ("prvs=desk/1234aabbcc@mod.gov.uk", DESK),
        ("prvs=1234aabbcc=desk+a=b@mod.gov.uk", "desk+a=b@mod.gov.uk"),
        ("SRS0=HHHH=TT=mod.gov.uk=desk@relay.example", DESK),
        ("srs0+Ab1/=xY=mod.gov.uk=desk@relay.example", DESK),
        ("SRS0-HHHH-=TT=mod.gov.uk=desk@relay.example", DESK),
        ("SRS1=GG=relay.example==HHHH=TT=mod.gov.uk=desk@other.example", DESK),
        ("desk+SRS=Xy12=TT=mod.gov.uk=desk@tenant.example", DESK),
        ("SRS0=HHHH=TT=mod.gov.uk=prvs=1234aabbcc=desk@relay.example", DESK),
        ("owner-list+bob=army.ml@mod.gov.uk", "owner-list@mod.gov.uk"),
        ("owner-list+bob==army.ml@mod.gov.uk", "owner-list@mod.gov.uk"),
        ("list-bounces+al=navy.example.org@mod.gov.uk", "list-bounces@mod.gov.uk"),
        ("list-return-123-bob=army.ml@mod.gov.uk", "list-return@mod.gov.uk"),
        ("bounce-mc.us_12.345-Bob=Army.ml@mod.gov.uk", "bounce-mc.us@mod.gov.uk"),
        ("group+bncBDAZ5K6Y4YGBB@mod.gov.uk", "group@mod.gov.uk"),
        # no tags
        (DESK, DESK),
        ("", ""),
        ("desk+orders@mod.gov.uk", "desk+orders@mod.gov.uk"),
        ("a=b@mod.gov.uk", "a=b@mod.gov.uk"),
        ("desk+x=y@mod.gov.uk", "desk+x=y@mod.gov.uk"),
        ("prvs=1234@mod.gov.uk", "prvs=1234@mod.gov.uk"),
        ("prvs=1234=@mod.gov.uk", "prvs=1234=@mod.gov.uk"),
        ("SRS0=HHHH=TT=mod.gov.uk=@relay.example", "SRS0=HHHH=TT=mod.gov.uk=@relay.example"),
        ("SRS0=HHHH=TT@relay.example", "SRS0=HHHH=TT@relay.example"),
        ("bob=army.ml@mod.gov.uk", "bob=army.ml@mod.gov.uk"),
        ('"prvs=1234aabbcc=desk"@mod.gov.uk', '"prvs=1234aabbcc=desk"@mod.gov.uk'),
    ],
)
def test_the_sender_that_is_meant(sender: str, expected: str) -> None:
    assert original_sender(sender, ["al@x.org", "bob@army.ml"]) == expected


@pytest.mark.parametrize("sender", ["prvs=1234aabbcc=desk@mod.gov.uk", "<prvs=1234aabbcc=desk@mod.gov.uk>"])
def test_a_mail_event_has_the_sender_that_is_meant(sender: str) -> None:
    value = f'{{"id": "1", "time": 1774166400000, "sender": "{sender}", "recipients": ["bob@army.ml"]}}'
    assert decode(value.encode(), now_ms=None).sender == DESK


@given(st.text('prvsSR01=+-/@.abc"', max_size=60), st.lists(st.text("ab=@.", max_size=9), max_size=3))
def test_what_is_left_is_an_address_and_has_no_more_tags(sender: str, recipients: list[str]) -> None:
    found = original_sender(sender, recipients)
    assert original_sender(found, recipients) == found
    assert ("@" in found[:-1]) == ("@" in sender[:-1])


@pytest.mark.parametrize("local", ["prvs=", "SRS0=", "SRS1=a=", "a+", "+bnc", "a=b", "-1", "btv1=="])
def test_it_takes_no_longer_than_its_length(local: str) -> None:
    begun = time.thread_time()
    original_sender(local * 100 + "@mod.gov.uk", ["b" * 200 + "@army.ml"] * 1_000)
    assert time.thread_time() - begun < 0.05
