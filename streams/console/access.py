"""Access to the console: on loopback everybody; elsewhere visitors with the token, or users that a proxy names."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal

from streams.console.settings import ConsoleSettings, Network
from streams.errors import ConfigurationError

SESSION_MS = 12 * 3_600_000
TOKEN_LENGTH = 16
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Access:
    """How visitors are authenticated: not at all (only on this machine), by token, or by a proxy."""

    mode: Literal["local", "token", "proxy"]
    token: str = field(default="", repr=False)
    user_header: str = ""
    proxies: tuple[Network, ...] = ()

    def host_allowed(self, host: str) -> bool:
        """Whether requests for this host name are answered. Without a login only loopback names are, which defeats DNS
        rebinding by a page of another site."""
        return self.mode != "local" or host_name(host) in LOOPBACK_NAMES

    def token_matches(self, given: str) -> bool:
        """Whether `given` is the token, compared in constant time."""
        return self.mode == "token" and hmac.compare_digest(given.encode(), self.token.encode())

    def session(self, now_ms: int) -> str:
        """A cookie's value, valid for twelve hours, also after a restart of the console."""
        until = str(now_ms + SESSION_MS)
        return f"{until}.{self._signature(until)}"

    def session_is_valid(self, cookie: str, now_ms: int) -> bool:
        """Whether the cookie was made by `session` less than twelve hours ago."""
        until, _, signature = cookie.partition(".")
        genuine = self.mode == "token" and hmac.compare_digest(signature.encode(), self._signature(until).encode())
        return genuine and now_ms < int(until)

    def user(self, peer: str, named: str) -> str | None:
        """The user that the proxy at this address names; None where it isn't a trusted proxy, or names nobody."""
        return named if named and self.from_proxy(peer) else None

    def from_proxy(self, peer: str) -> bool:
        """Whether the address belongs to a trusted proxy."""
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return self.mode == "proxy" and any(address in network for network in self.proxies)

    def _signature(self, until: str) -> str:
        return hmac.new(self.token.encode(), f"straymail console {until}".encode(), "sha256").hexdigest()


def access_of(settings: ConsoleSettings) -> Access:
    """The access that the settings define. Raises ConfigurationError where anybody on the network would be let in."""
    token = _token(settings)
    if token and settings.user_header:
        raise ConfigurationError("console.token and console.user_header are two ways to authenticate visitors: set one")
    if token:
        return Access("token", token=token)
    if settings.user_header:
        return Access("proxy", user_header=settings.user_header, proxies=settings.proxies)
    if not _is_loopback(settings.host):
        raise ConfigurationError(
            f"console.host is {settings.host}, where others can reach the console: set console.token (or token_file), "
            "or console.user_header where a proxy authenticates visitors, or listen on 127.0.0.1"
        )
    return Access("local")


def host_name(host: str) -> str:
    """A Host header without its port and brackets."""
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")


def _token(settings: ConsoleSettings) -> str:
    if settings.token_file is None:
        return settings.token.get_secret_value() if settings.token else ""
    if settings.token is not None:
        raise ConfigurationError("console.token and console.token_file are both set: keep one of them")
    try:
        token = settings.token_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"console.token_file: can't read {settings.token_file}: {error}") from error
    if len(token) < TOKEN_LENGTH:
        raise ConfigurationError(f"console.token_file: {settings.token_file} has fewer than {TOKEN_LENGTH} characters")
    return token


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
