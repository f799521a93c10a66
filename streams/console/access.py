"""Access to the console: on loopback everybody; elsewhere visitors with the token, or users that a proxy names."""

from __future__ import annotations

import getpass
import hmac
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal

from streams.console.sessions import as_bytes
from streams.console.settings import EVERYBODY, ConsoleSettings
from streams.errors import ConfigurationError
from streams.http.token_file import read_token
from streams.networks import Network

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Access:
    """How visitors are authenticated: not at all (only on this machine), by token, or by a proxy."""

    mode: Literal["local", "token", "proxy"]
    token: str = field(default="", repr=False)
    user_header: str = ""
    proxies: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()
    own_name: str = ""
    """The user's name where visitors aren't told apart: that of the token, or of this machine's user."""
    deciding: frozenset[str] = frozenset({EVERYBODY})

    def may_decide(self, user: str) -> bool:
        """Whether a user who may see findings may decide on them too."""
        return user in self.deciding or EVERYBODY in self.deciding

    def host_allowed(self, host: str) -> bool:
        """Whether requests for this host name are answered, which defeats DNS rebinding: a page of another site whose
        name is made to point here. Without a login only loopback names are. Behind a proxy so are the `hosts` and any
        IP address, which no name can stand for. With a token every name is: another name has no cookie."""
        name = host_name(host)
        if self.mode == "proxy":
            return name in LOOPBACK_NAMES or name in self.hosts or _is_address(name)
        return self.mode == "token" or name in LOOPBACK_NAMES

    def token_matches(self, given: str) -> bool:
        """Whether `given` is the token, compared in constant time."""
        return self.mode == "token" and hmac.compare_digest(as_bytes(given), self.token.encode())

    def user(self, peer: str, named: str) -> str | None:
        """The user that the proxy at this address names; None where it isn't a trusted proxy, or names nobody."""
        return named if named and self.from_proxy(peer) else None

    def from_proxy(self, peer: str) -> bool:
        """Whether a proxy that is trusted to name users has this address."""
        return self.mode == "proxy" and self._in_proxies(peer)

    def is_shared(self, peer: str) -> bool:
        """Whether the address stands for many visitors: all of this machine, or all of a proxy."""
        return self.mode == "local" or self._in_proxies(peer)

    def _in_proxies(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self.proxies)


def access_of(settings: ConsoleSettings) -> Access:
    """The access that the settings define. Raises ConfigurationError where anybody on the network would be let in."""
    token, deciding = _token(settings), frozenset(settings.triage)
    if token and settings.user_header:
        raise ConfigurationError("console.token and console.user_header are two ways to authenticate visitors: set one")
    if token:
        return Access("token", token=token, proxies=settings.proxies, own_name=settings.token_name, deciding=deciding)
    if settings.user_header:
        hosts = frozenset(host_name(host) for host in (*settings.hosts, settings.host))
        return Access(
            "proxy", user_header=settings.user_header, proxies=settings.proxies, hosts=hosts, deciding=deciding
        )
    if not _is_loopback(settings.host):
        raise ConfigurationError(
            f"console.host is {settings.host}, where others can reach the console: set console.token (or token_file), "
            "or console.user_header where a proxy authenticates visitors, or listen on 127.0.0.1"
        )
    return Access("local", own_name=_local_user(settings.token_name), deciding=deciding)


def host_name(host: str) -> str:
    """A Host header without its port and brackets."""
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".")


def _local_user(otherwise: str) -> str:
    """The name of the user who runs the console; a container's user may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return otherwise


def _token(settings: ConsoleSettings) -> str:
    if settings.token_file is None:
        return settings.token.get_secret_value() if settings.token else ""
    if settings.token is not None:
        raise ConfigurationError("console.token and console.token_file are both set: keep one of them")
    return read_token(settings.token_file, "console.token_file")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
