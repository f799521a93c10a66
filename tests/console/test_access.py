"""Which visitors are let in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streams.config import load_settings
from streams.console.access import Access, access_of
from streams.errors import ConfigurationError

TOKEN = "a token of sixteen or more"  # noqa: S105 - not a secret


def access(**console: Any) -> Access:
    return access_of(load_settings(overrides={"console": console}).console)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_loopback_needs_nothing(host: str) -> None:
    assert access(host=host).mode == "local"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "console.example.org"])  # noqa: S104 - it must not
def test_beyond_loopback_it_refuses_to_start_without_a_login(host: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"set console\.token .* or listen on 127\.0\.0\.1"):
        access(host=host)
    assert access(host=host, token=TOKEN).mode == "token"
    assert access(host=host, user_header="X-Forwarded-User", proxies="10.0.0.0/8").mode == "proxy"
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert access(host=host, token_file=tmp_path / "token").token_matches(TOKEN)


@pytest.mark.parametrize(
    ("console", "sentence"),
    [
        ({"token": "short"}, "at least 16"),
        ({"token": TOKEN, "user_header": "X-User"}, "two ways"),
        ({"token": TOKEN, "token_file": "/nosuch"}, "keep one of them"),
        ({"token_file": "/nosuch"}, "can't read"),
        ({"proxies": "10.0.0.0/99"}, "is no network"),
        ({"user_header": "X User"}, "write the name of a header"),
        ({"hosts": "https://soc.example.org"}, "write a host name"),
    ],
)
def test_settings_that_are_refused(console: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        access(**console)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost:6080", True),
        ("127.0.0.1", True),
        ("[::1]:6080", True),
        ("evil.example:6080", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_a_foreign_name_is_not_answered_on_loopback(host: str, allowed: bool) -> None:
    assert access().host_allowed(host) is allowed
    assert access(token=TOKEN).host_allowed(host)


def test_behind_a_proxy_only_its_own_names_and_addresses_are_answered() -> None:
    own = access(user_header="X-User", hosts="SOC.example.org, console", host="10.0.0.5")
    for host in ("soc.example.org:443", "console:6080", "localhost", "10.0.0.5:6080", "[fd00::1]:6080", "127.0.0.1"):
        assert own.host_allowed(host), host
    for host in ("evil.example", "soc.example.org.evil.example", "", "[", "\udcff"):
        assert not own.host_allowed(host), host


def test_an_address_is_shared_on_this_machine_and_behind_a_proxy() -> None:
    assert access().is_shared("127.0.0.1")
    own = access(token=TOKEN, proxies="10.0.0.0/8")
    assert own.is_shared("10.1.2.3")
    assert not own.is_shared("192.0.2.1")
    assert not own.is_shared("")


@pytest.mark.parametrize("given", ["", "\u00e9", "\udcff", TOKEN + "\udcff"])
def test_what_is_not_the_token_never_matches(given: str) -> None:
    assert not access(token=TOKEN).token_matches(given)


def test_a_proxy_is_trusted_only_from_its_own_address() -> None:
    own = access(user_header="X-User", proxies="10.0.0.0/8, 127.0.0.1")
    assert own.user("10.1.2.3", "jo") == "jo"
    assert own.user("127.0.0.1", "jo") == "jo"
    assert own.user("192.0.2.1", "jo") is None
    assert own.user("10.1.2.3", "") is None
    assert own.user("", "jo") is None
