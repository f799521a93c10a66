"""Own mail: which events are outgoing mail of the organisation."""

from __future__ import annotations

import pytest

from streams.detection.own_mail import USUAL_DOMAINS, OwnMail
from streams.errors import ConfigurationError
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
