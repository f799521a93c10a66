"""The settings of the console."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from pydantic import ValidationError

from streams.console.settings import ConsoleSettings


@pytest.mark.parametrize(
    ("given", "networks"),
    [
        ("10.0.0.0/8, 192.0.2.1", ["10.0.0.0/8", "192.0.2.1/32"]),
        (["2001:db8::/32"], ["2001:db8::/32"]),
        ("", []),
        ([], []),
    ],
)
def test_proxies_are_networks_in_a_list_or_with_commas(given: Any, networks: list[str]) -> None:
    assert ConsoleSettings(proxies=given).proxies == tuple(map(ip_network, networks))


@pytest.mark.parametrize(
    "given", [{"proxies": "10.0.0.0/99"}, {"proxies": 5}, {"token": "short"}, {"user_header": "X User"}, {"port": 0}]
)
def test_what_cannot_be_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ConsoleSettings(**given)


def test_by_default_only_this_machine_is_answered_and_trusted() -> None:
    settings = ConsoleSettings()
    assert settings.host == "127.0.0.1"
    assert all(network.is_loopback for network in settings.proxies)
