"""The settings of DNS."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import NoDecode

from streams.comma_list import comma_list

PORT = 53


def _checked(servers: tuple[str, ...]) -> tuple[str, ...]:
    for server in servers:
        address_and_port(server)
    return servers


def address_and_port(server: str) -> tuple[str, int]:
    """`192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353` as address and port. Raises ValueError."""
    address, port = server, str(PORT)
    if server.startswith("["):
        address, _, rest = server[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif server.count(":") == 1:
        address, _, port = server.partition(":")
    if not port.isascii() or not port.isdigit() or not 0 < int(port) <= 65_535:
        raise ValueError(f"{server!r} has no port from 1 to 65535")
    try:
        return str(ip_address(address)), int(port)
    except ValueError:
        raise ValueError(f"{server!r} is no resolver's address: write an IP address, such as 192.0.2.53") from None


class DnsSettings(BaseModel):
    """Whether and where DNS is asked about mistaken domains."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(
        default=False,
        description="Whether DNS is asked about mistaken domains: do they take mail, does anybody own them",
    )
    servers: Annotated[tuple[str, ...], NoDecode, BeforeValidator(comma_list), AfterValidator(_checked)] = Field(
        default=(), description="Resolvers to ask, as `address` or `address:port`; none: those of this machine"
    )
    timeout_s: float = Field(
        default=3.0, gt=0, le=60, description="Seconds after which a question is given up; a batch waits at most 0.3"
    )
    cache_size: int = Field(default=10_000, ge=1, description="Number of domains whose facts are kept")
