"""Questions to DNS: the only use of dnspython (ISC licence), with each of its exceptions as an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from streams.dns.settings import address_and_port
from streams.errors import ConfigurationError
from streams.events.dns_facts import HOST_LENGTH

try:
    import dns.asyncresolver
    import dns.exception
    import dns.name
    import dns.nameserver
    import dns.rdata
    import dns.rdatatype
    import dns.resolver
    from dns.rdtypes.ANY.MX import MX
except ModuleNotFoundError as error:
    remedy = "install straymail with its extra `dns`, as in `python3 -m pip install '.[dns]'`"
    raise ConfigurationError(f"dns.enabled needs {error.name}: {remedy}") from error

Kind = Literal["MX", "A", "AAAA", "NS"]
Outcome = Literal["found", "no-data", "no-name", "unknown"]
"""Records of that kind; the name has none; there is no such name; no answer that can be used."""
MOST_RECORDS = 100
"""Records of an answer that are read: the owner of a name may give it thousands."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The outcome of one question. `hosts` are the mail servers of an MX answer, best first, `.` for none (null MX);
    `ttl_s` says for how long it may be kept, 0 where DNS doesn't."""

    outcome: Outcome
    hosts: tuple[str, ...] = ()
    ttl_s: int = 0


class Questions:
    """Asks the given resolvers, or those of this machine. Raises ConfigurationError where it has none."""

    def __init__(self, servers: Sequence[str], timeout_s: float) -> None:
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration as error:
            raise ConfigurationError("dns.servers: this machine has no resolver configured, name one") from error
        if servers:
            addresses = map(address_and_port, servers)
            self._resolver.nameservers = [dns.nameserver.Do53Nameserver(*address) for address in addresses]
        self._resolver.lifetime, self._resolver.timeout = timeout_s, timeout_s / 2

    async def ask(self, name: str, kind: Kind) -> Reply:
        """The reply to one question about a canonical name."""
        try:
            answer = await self._resolver.resolve(dns.name.from_text(name), kind, raise_on_no_answer=False)
        except dns.resolver.NXDOMAIN:
            return Reply("no-name")
        except (dns.exception.DNSException, OSError, EOFError, ValueError):
            return Reply("unknown")
        if answer.rrset is None:
            return Reply("no-data")
        return Reply("found", _hosts(answer.rrset[:MOST_RECORDS]), answer.rrset.ttl)


def _hosts(records: Sequence[dns.rdata.Rdata]) -> tuple[str, ...]:
    """The hosts of MX records, by preference and name; none of other records."""
    servers = sorted((record.preference, record.exchange.to_text()) for record in records if isinstance(record, MX))
    return tuple(host.lower().removesuffix(".")[:HOST_LENGTH] or "." for _, host in servers)
