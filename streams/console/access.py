"""Who may see the console. On loopback everybody who is there; elsewhere who knows the token, or whom a proxy names."""

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
    """How visitors are let in: anybody on this machine, by token, or by what a proxy says."""

    mode: Literal["local", "token", "proxy"]
    token: str = field(default="", repr=False)
    user_header: str = ""
    proxies: tuple[Network, ...] = ()

    def host_allowed(self, host: str) -> bool:
        """Whether a Host header may be answered: without a login, a foreign name is a page that rebinds its DNS."""
        return self.mode != "local" or host_name(host) in LOOPBACK_NAMES

    def knows_token(self, given: str) -> bool:
        """Whether it is the token, in the same time whatever is given."""
        return self.mode == "token" and hmac.compare_digest(given.encode(), self.token.encode())

    def session(self, now_ms: int) -> str:
        """A cookie's value, good for twelve hours, also after the console was started anew."""
        until = str(now_ms + SESSION_MS)
        return f"{until}.{self._signature(until)}"

    def session_holds(self, cookie: str, now_ms: int) -> bool:
        """Whether `session` gave the cookie less than twelve hours ago."""
        until, _, signature = cookie.partition(".")
        genuine = self.mode == "token" and hmac.compare_digest(signature.encode(), self._signature(until).encode())
        return genuine and now_ms < int(until)

    def user(self, peer: str, named: str) -> str | None:
        """Whom the proxy at that address names; None where it isn't one of ours, or names nobody."""
        return named if named and self.from_proxy(peer) else None

    def from_proxy(self, peer: str) -> bool:
        """Whether the connection comes from one of our proxies."""
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return self.mode == "proxy" and any(address in network for network in self.proxies)

    def _signature(self, until: str) -> str:
        return hmac.new(self.token.encode(), f"straymail console {until}".encode(), "sha256").hexdigest()


def access_of(settings: ConsoleSettings) -> Access:
    """The access that the settings give. Raises ConfigurationError where anybody on the network would be let in."""
    token = _token(settings)
    if token and settings.user_header:
        raise ConfigurationError("console.token and console.user_header are two ways to let visitors in: set one")
    if token:
        return Access("token", token=token)
    if settings.user_header:
        return Access("proxy", user_header=settings.user_header, proxies=settings.proxies)
    if not _is_loopback(settings.host):
        raise ConfigurationError(
            f"console.host is {settings.host}, where others can reach the console: set console.token (or token_file), "
            "or console.user_header where a proxy checks who comes, or listen on 127.0.0.1"
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
        raise ConfigurationError("console.token and console.token_file are set: keep one of the two")
    try:
        token = settings.token_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"console.token_file: can't read {settings.token_file}: {error}") from error
    if len(token) < TOKEN_LENGTH:
        raise ConfigurationError(f"console.token_file: {settings.token_file} holds less than {TOKEN_LENGTH} characters")
    return token


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
