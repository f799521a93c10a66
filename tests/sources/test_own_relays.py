"""Which servers only pass a mail on."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from streams.sources.own_relays import OwnRelays

OWN = OwnRelays([ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")])


@pytest.mark.parametrize(
    ("address", "is_own", "is_on_host"),
    [
        ("192.0.2.7", True, False),
        ("2001:db8::7", True, False),
        ("::ffff:192.0.2.7", True, False),
        ("127.0.0.1", True, True),
        ("::1", True, True),
        ("/run/dovecot/lmtp", True, True),
        ("private/amavis", True, True),
        ("6.6.6.6", False, False),
        ("", False, False),
    ],
)
def test_servers(address: str, is_own: bool, is_on_host: bool) -> None:
    assert (OWN.is_own(address), OWN.is_on_host(address)) == (is_own, is_on_host)
