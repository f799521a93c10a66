"""The settings of DNS."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from streams.config import Settings, load_settings
from streams.dns.settings import DnsSettings, address_and_port


def test_off_by_default() -> None:
    assert not Settings().dns.enabled


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_server_is_an_address_with_or_without_a_port(server: str, expected: tuple[str, int]) -> None:
    assert address_and_port(server) == expected


@pytest.mark.parametrize("server", ["", "dns.example", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "[::1]:x"])
def test_any_other_is_refused(server: str) -> None:
    with pytest.raises(ValidationError):
        DnsSettings(servers=(server,))


def test_servers_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAYMAIL_DNS_SERVERS", "192.0.2.1, [::1]:5353")
    assert load_settings().dns.servers == ("192.0.2.1", "[::1]:5353")
