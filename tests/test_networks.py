"""Addresses and networks, in every spelling that a setting or a log may have."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from pydantic import TypeAdapter, ValidationError

from streams.networks import LOOPBACK, Networks, address_in, is_within

networks = TypeAdapter(Networks).validate_python


def test_networks_are_a_list_or_a_text_with_commas() -> None:
    expected = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"), ip_network("192.0.2.1"))
    assert networks("10.0.0.0/8, 2001:db8::/32,192.0.2.1") == networks([str(one) for one in expected]) == expected
    assert networks("") == networks([]) == ()


@pytest.mark.parametrize("wrong", ["10.0.0.0/99", "10.0.0.1/8", "mod.gov.uk", [7, None]])
def test_what_is_no_network(wrong: object) -> None:
    with pytest.raises(ValidationError):
        networks(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("IPv6:2001:db8::1", "2001:db8::1"),
        ("unknown", None),
        ("", None),
        ("10.0.0.1.evil.example", None),
    ],
)
def test_addresses(text: str, expected: str | None) -> None:
    assert address_in(text) == (ip_address(expected) if expected else None)


@pytest.mark.parametrize(
    ("text", "is_own"), [("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False)]
)
def test_loopback(text: str, is_own: bool) -> None:
    address = address_in(text)
    assert address is not None
    assert is_within(address, LOOPBACK) == is_own
