"""The facts of one domain: which questions are asked, and what the replies to them mean."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from streams.dns.questions import Kind, Reply
from streams.domains.registration import registration
from streams.domains.suffixes import suffix_rules
from streams.events.dns_facts import HOSTS_KEPT, DnsFacts, MailRoute

Ask = Callable[[str, Kind], Awaitable[Reply]]
NO_TTL_S = 600
"""Seconds that a reply is kept for which DNS gives no time."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where mail for a domain goes. `hosts` are its mail servers; None for `route` where it isn't known."""

    route: MailRoute | None
    hosts: tuple[str, ...] = ()
    ttl_s: int = NO_TTL_S


async def facts_of(
    domain: str, ask: Ask, answers_all: Callable[[str], Awaitable[bool]], *, now_ms: int
) -> tuple[DnsFacts | None, int]:
    """The facts of a canonical name, None where DNS gave no usable reply, and for how many seconds they may be kept.

    `answers_all` says of a suffix whether every name under it answers.
    """
    registrable, who = registration(domain)
    if who == "none":
        return DnsFacts(now_ms, "no-suffix", registrable), NO_TTL_S
    found, wildcard = await asyncio.gather(_route(domain, registrable, ask), answers_all(suffix_rules().suffix(domain)))
    if found.route is None:
        return None, found.ttl_s
    hosts = list(found.hosts[:HOSTS_KEPT])
    return DnsFacts(now_ms, found.route, registrable, hosts, open=who == "open", wildcard=wildcard), found.ttl_s


async def answers(name: str, ask: Ask) -> bool | None:
    """Whether a name has mail servers or an address; None where DNS gave no usable reply."""
    found = await _route(name, name, ask)
    return None if found.route is None else found.route in ("mx", "address", "null-mx")


async def _route(domain: str, registrable: str, ask: Ask) -> Route:
    reply = await ask(domain, "MX")
    match reply.outcome:
        case "found":
            hosts = tuple(host for host in reply.hosts if host != ".")
            return Route("mx" if hosts else "null-mx", hosts, reply.ttl_s)
        case "no-data":
            return await _route_to_address(domain, ask)
        case "no-name":
            return await _route_of_no_name(domain, registrable, ask)
    return Route(None)


async def _route_to_address(domain: str, ask: Ask) -> Route:
    """The route of a name without mail servers: mail goes to its address (RFC 5321, 5.1)."""
    replies = await asyncio.gather(ask(domain, "A"), ask(domain, "AAAA"))
    for reply in replies:
        if reply.outcome == "found":
            return Route("address", ttl_s=reply.ttl_s)
    return Route(None if any(reply.outcome == "unknown" for reply in replies) else "none")


async def _route_of_no_name(domain: str, registrable: str, ask: Ask) -> Route:
    if domain == registrable:
        return Route("unowned")
    owner = await ask(registrable, "NS")
    if owner.outcome == "unknown":
        return Route(None)
    return Route("unowned" if owner.outcome == "no-name" else "absent")
