"""Networks in the settings, and whether an address is in one of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import gaierror
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

from streams.comma_list import comma_list

Network = IPv4Network | IPv6Network
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1"))


def _networks(value: object) -> object:
    """Parse networks from a list or from one string with commas; an address is a network of one."""
    parts = comma_list(value) or ()
    if not isinstance(parts, list | tuple):
        return value  # pydantic reports what is not a list
    return tuple(_network(part) if isinstance(part, str) else part for part in parts)


def _network(text: str) -> Network:
    """The network that the text is. Raises ValueError, which says what to write."""
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is no network: write one such as 192.0.2.0/24, or an IP address") from None
    raise ValueError(f"{text!r} is an address within a network: write {network} for the network")


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)]


def address_in(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address that the text is, also with the prefix `IPv6:` of an SMTP literal; an IPv4 address that is mapped
    into IPv6 is returned as IPv4. None where the text is not an address."""
    try:
        address = ip_address(text.removeprefix("IPv6:").strip())
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def is_within(address: IPv4Address | IPv6Address, networks: Iterable[Network]) -> bool:
    """Whether the address is in one of the networks."""
    return any(address in network for network in networks)


def why_not_usable(error: OSError) -> str:
    """Why an address can't be listened on, in the system's words. asyncio's own repeat the address, and a host that is
    not found has no number of errno."""
    return os.strerror(error.errno) if error.errno and not isinstance(error, gaierror) else str(error.strerror or error)
