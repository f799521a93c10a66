"""Own mail: which events are outgoing mail of the organisation."""

from __future__ import annotations

import pytest

from streams.detection.own_mail import own_mail
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
    is_own_mail = own_mail(["mod.gov.uk", "Defensie.nl."])
    event = mail("x@army.ml", sender=sender, direction=direction)
    assert [is_own_mail(event) for _ in range(2)] == [is_own] * 2, "the second time from the cache"


@pytest.mark.parametrize(
    ("direction", "is_own"), [(None, True), ("outbound", True), ("internal", True), ("inbound", False)]
)
def test_without_own_domains_all_mail_but_inbound_is_scored(direction: str | None, is_own: bool) -> None:
    assert own_mail([])(mail("x@army.ml", sender="a@example.com", direction=direction)) == is_own


def test_a_malformed_own_domain_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="own_domains: 'mod gov' is not a domain name"):
        own_mail(["mod gov"])
