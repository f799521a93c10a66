"""Own relays: servers of the organisation's that only pass a mail on, so that what they have taken isn't delivered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from streams.events.delivery import Delivery
from streams.networks import Network, address_in, is_within

ADDRESSES_CACHED = 10_000
_THROWN_AWAY = re.compile(rb"\bdiscarded?\b|, BOUNCE$", re.IGNORECASE)
"""What amavis answers where it throws a mail away, or bounces it itself."""
_QUEUED = re.compile(rb"queued as|accepted for delivery|\bid=[0-9A-Za-z]{6}-[0-9A-Za-z]{6}")
_FILTERS = ("127.0.0.1", "::1")


class OwnRelays:
    """Tells own relays by the organisation's settings, and filters on the mail server's host by their address."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)
        self._is_in_networks = lru_cache(ADDRESSES_CACHED)(self._is_within)

    def end_at(self, address: str, answer: bytes, *, is_store: bool = False) -> Delivery:
        """The status of a mail that the server at this address, or at this socket, has taken with this answer.

        What a server of others says of a mail's end doesn't count. `is_store` is true for a server that may keep
        mailboxes, which gives no queue id.
        """
        if not self.is_own(address):
            return "delivered"
        if _THROWN_AWAY.search(answer):
            return "failed"
        is_end = (is_store or self.is_on_host(address)) and not _QUEUED.search(answer)
        return "delivered" if is_end else "unknown"

    def is_own(self, address: str) -> bool:
        """Whether the server at this address, or at this socket, is on the same host or an own relay."""
        return self.is_on_host(address) or self._is_in_networks(address)

    def is_on_host(self, address: str) -> bool:
        """Whether it is on the same host: a filter, which gives a new queue id, or a store of mailboxes."""
        return address in _FILTERS or address.startswith(("/", "private/"))

    def _is_within(self, address: str) -> bool:
        parsed = address_in(address)
        return parsed is not None and is_within(parsed, self._networks)
