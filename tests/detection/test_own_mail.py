"""Own mail: which events are outgoing mail of the organisation."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

from streams.detection.own_mail import USUAL_DOMAINS, OwnMail, received_mail
from streams.errors import ConfigurationError
from streams.events.mail import EARLIEST_MS, PlainEvents, decode_groups, encode
from tests.detection.samples import mail


@pytest.mark.parametrize(
    ("sender", "direction", "is_own"),
    [
        ("a@mod.gov.uk", None, True),
        ("a@desk.defensie.nl", "outbound", True),
        ("A@DEFENSIE.NL.", "internal", True),
        ("a@notmod.gov.uk", None, False),
        ("a@gov.uk", None, False),
        ("a@b..c", None, False),
        ("", None, False),
        ("a@mod.gov.uk", "inbound", False),
    ],
)
def test_own_mail(sender: str, direction: str | None, is_own: bool) -> None:
    is_own_mail = OwnMail(["mod.gov.uk", "Defensie.nl."])
    event = mail("x@army.ml", sender=sender, direction=direction)
    assert [is_own_mail(event) for _ in range(2)] == [is_own] * 2, "the second time from the cache"


def test_each_of_many_own_domains_is_own() -> None:
    names = [f"part{number}.example" for number in range(3 * USUAL_DOMAINS)]
    is_own_mail = OwnMail(iter(names))
    assert all(is_own_mail(mail("x@army.ml", sender=f"a@{name}")) for name in names)
    assert all(is_own_mail(mail("x@army.ml", sender=f"a@desk.{name}")) for name in names)
    assert not any(is_own_mail(mail("x@army.ml", sender=f"a@x{name}")) for name in names)


@pytest.mark.parametrize(
    ("direction", "is_own"), [(None, True), ("outbound", True), ("internal", True), ("inbound", False)]
)
def test_without_own_domains_all_mail_but_inbound_is_scored(direction: str | None, is_own: bool) -> None:
    assert OwnMail([])(mail("x@army.ml", sender="a@example.com", direction=direction)) == is_own


def test_a_malformed_own_domain_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="own_domains: 'mod gov' is not a domain name"):
        OwnMail(["mod gov"])


def plain(*events: dict[str, Any]) -> PlainEvents:
    """These events together; each is own mail but for its fields."""
    [group] = decode_groups(
        [encode(mail("x@army.ml", **{"time": EARLIEST_MS, **each})) for each in events], now_ms=None
    )
    assert group.plain is not None
    return group.plain


@pytest.mark.parametrize(
    ("fields", "are_sent"),
    [
        ({}, True),
        ({"sender": "b@desk.MOD.gov.uk"}, True),
        ({"sender": "SRS0=Ab3d=TT=mod.gov.uk=jo@forwarder.example"}, True),
        ({"sender": "SRS0=Ab3d=TT=other.example=jo@mod.gov.uk"}, False),
        ({"sender": "c@other.example"}, False),
        ({"sender": ""}, False),
        ({"direction": "inbound"}, False),
        ({"direction": "outbound"}, True),
    ],
)
def test_events_together_are_own_mail_if_each_is(fields: dict[str, Any], are_sent: bool) -> None:
    assert OwnMail(["mod.gov.uk"]).are_all_sent(plain({}, fields)) == are_sent


def test_without_own_domains_events_together_are_own_mail_whoever_sent_them() -> None:
    assert OwnMail([]).are_all_sent(plain({}, {"sender": "c@other.example"}))


def test_strangers_domains_are_kept_in_bounds() -> None:
    """Each is longer than any domain, and written in characters of four bytes."""
    is_own_mail, is_received = OwnMail(["mod.gov.uk"]), received_mail(["mod.gov.uk"])
    tracemalloc.start()
    try:
        for number in range(2_000):
            event = mail("x@army.ml", sender=f"a@{number}" + "\N{E-MAIL SYMBOL}" * 500)
            assert (is_own_mail(event), is_received(event)) == (False, False)
        assert tracemalloc.get_traced_memory()[0] < 1_000_000
    finally:
        tracemalloc.stop()
