"""Own clients: whether the client of an SMTP session belongs to the organisation.

Anybody may connect to a mail server and name any sender. What the server writes about the client itself, its address
and its verified name, is the server's own observation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from streams.events.addresses import domain_of
from streams.events.mail import Direction
from streams.networks import Network, address_in, is_within

ADDRESSES_CACHED = 10_000


class OwnClients:
    """Tells own clients from strangers by the organisation's networks."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)
        self.is_own_address = lru_cache(ADDRESSES_CACHED)(self._is_in_own_network)
        """Whether an address is in an own network."""

    def is_own(self, address: str, verified_name: str | None, sender: str) -> bool:
        """Whether the client is in an own network, or its verified name lies under the sender's domain.

        `verified_name` is the name of the address whose own address record leads back to it; None where there is none.
        """
        if self.is_own_address(address):
            return True
        domain = domain_of(sender)
        name = (verified_name or "").rstrip(".").lower()
        return "." in domain and (name == domain or name.endswith("." + domain))

    def _is_in_own_network(self, address: str) -> bool:
        parsed = address_in(address)
        return parsed is not None and is_within(parsed, self._networks)

    def is_outside(self, address: str) -> bool:
        """Whether it is the address of a stranger: a public one in no own network. False for what is not an address."""
        parsed = address_in(address)
        return parsed is not None and parsed.is_global and not is_within(parsed, self._networks)

    def direction_of(self, client: str, server: str) -> Direction | None:
        """Inbound for a session, as a sensor saw it, from a stranger's address to the organisation; None for others."""
        came_in = self.is_outside(client) and address_in(server) is not None and not self.is_outside(server)
        return "inbound" if came_in else None
