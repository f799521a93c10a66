"""Who connected: own networks and verified names, and what a sensor saw come in."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from streams.networks import LOOPBACK
from streams.sources.own_clients import OwnClients

OWN = OwnClients([*LOOPBACK, ip_network("203.0.114.0/24"), ip_network("2a00:1450::/32")])


@pytest.mark.parametrize(
    ("address", "name", "sender", "is_own"),
    [
        ("127.0.0.1", None, "ceo@mod.gov.uk", True),
        ("::ffff:203.0.114.7", None, "ceo@mod.gov.uk", True),
        ("IPv6:2a00:1450::1", None, "ceo@mod.gov.uk", True),
        ("6.6.6.6", None, "ceo@mod.gov.uk", False),
        ("6.6.6.6", "evil.example", "ceo@mod.gov.uk", False),
        ("6.6.6.6", "app.mod.gov.uk", "ceo@mod.gov.uk", True),
        ("6.6.6.6", "MOD.gov.uk.", "ceo@mod.gov.uk", True),
        ("6.6.6.6", "notmod.gov.uk", "ceo@mod.gov.uk", False),
        ("6.6.6.6", "mod.gov.uk.evil.example", "ceo@mod.gov.uk", False),
        ("6.6.6.6", "host.uk", "ceo@uk", False),
        ("6.6.6.6", "evil.example", "", False),
        ("no address", None, "ceo@mod.gov.uk", False),
    ],
)
def test_own_clients(address: str, name: str | None, sender: str, is_own: bool) -> None:
    assert OWN.is_own(address, name, sender) == is_own


@pytest.mark.parametrize(
    ("client", "server", "direction"),
    [
        ("6.6.6.6", "203.0.114.7", "inbound"),
        ("6.6.6.6", "10.0.0.7", "inbound"),
        ("203.0.114.7", "6.6.6.6", None),
        ("203.0.114.7", "203.0.114.8", None),
        ("10.0.0.7", "203.0.114.8", None),
        ("6.6.6.6", "7.7.7.7", None),
        ("", "10.0.0.7", None),
        ("6.6.6.6", "", None),
    ],
)
def test_what_a_sensor_saw(client: str, server: str, direction: str | None) -> None:
    assert OWN.direction_of(client, server) == direction
