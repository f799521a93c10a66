"""Digests of senders, addresses and mails: equal for what is the same, and of no use without the key."""

from __future__ import annotations

from streams.gate.digests import GateDigests
from tests.gate.questions import HTTP, milter, policy

DIGESTS = GateDigests(b"key")


def test_a_pair_is_of_sender_and_address() -> None:
    pair = DIGESTS.pair("login:jo", "sam@navy.ml")
    assert pair == DIGESTS.pair("login:jo", " <Sam@NAVY.ml>")
    others = [("login:kim", "sam@navy.ml"), ("login:jo", "kim@navy.ml"), ("login", "jo\nsam@navy.ml")]
    assert pair not in [DIGESTS.pair(*other) for other in others]
    assert pair != GateDigests(b"other").pair("login:jo", "sam@navy.ml")
    assert DIGESTS.pair("login:jo", "s\udce4m@x") != DIGESTS.pair("login:jo", "s\udcf6m@x")
    assert len(DIGESTS.pair("\udcff", "\udcff@x")) == len(pair) == 32


def test_a_sender_is_one_whatever_batv_adds() -> None:
    assert DIGESTS.sender("prvs=1234abcdef=Jo@mod.gov.uk") == DIGESTS.sender("<jo@mod.gov.uk>")
    assert DIGESTS.sender("jo@mod.gov.uk") != DIGESTS.sender("kim@mod.gov.uk")


def test_a_mail_is_told_apart_by_what_its_protocol_has() -> None:
    assert DIGESTS.mail(policy(instance="1")) != DIGESTS.mail(policy(instance="2"))
    assert DIGESTS.mail(policy(instance="1")) == DIGESTS.mail(policy(instance="1", message_id="<1@x>"))
    assert DIGESTS.mail(milter(message_id="1")) not in (None, DIGESTS.mail(policy(instance="1")))
    assert [DIGESTS.mail(each) for each in (HTTP, policy(instance=None), milter(message_id=""))] == [None] * 3
