"""Bounds the open connections of a server: in all, and for each address. Who opens too many closes their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Protocol


class Closable(Protocol):
    """A connection as the pool sees it."""

    def abort(self) -> None:
        """Close it at once, without sending what is waiting."""


def address_group(peer: str) -> str:
    """The address that a connection is counted for: an IPv6 address by its /64 network, where one machine has 2^64."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return peer
    if not isinstance(address, IPv6Address) or address.is_loopback:
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64)) + "/64"


class ConnectionPool:
    """At most `most` open connections, a quarter of them from one address. `is_shared` names addresses that stand for
    many visitors (a proxy), which only the bound in all applies to.

    At a bound the oldest connection is closed for a new one: of the same address, or of the address that has most. So
    one that sends its request is answered, however many others are open and send nothing. A pinned connection stays.
    """

    def __init__(self, most: int, is_shared: Callable[[str], bool] = lambda _: False) -> None:
        self._most, self._most_each, self._is_shared = most, max(1, most // 4), is_shared
        self._open: dict[str, dict[Closable, None]] = {}
        self._pinned: dict[Closable, str] = {}
        self._pinned_of: Counter[str] = Counter()
        self._total = 0

    def __len__(self) -> int:
        return self._total

    def add(self, connection: Closable, peer: str) -> bool:
        """Admit a new connection from this address; False where all that could be closed for it are pinned."""
        group = address_group(peer)
        if not self._is_shared(peer) and self._count(group) >= self._most_each and not self._close_oldest(group):
            return False
        if self._total >= self._most and not self._close_oldest(self._largest()):
            return False
        self._open.setdefault(group, {})[connection] = None
        self._total += 1
        return True

    def pin(self, connection: Closable, peer: str) -> bool:
        """Never close the connection for another; False where half of all are pinned."""
        group = address_group(peer)
        if connection not in self._open.get(group, {}) or len(self._pinned) >= self._most // 2:
            return False
        self._forget(connection, group)
        self._pinned[connection] = group
        self._pinned_of[group] += 1
        self._total += 1
        return True

    def remove(self, connection: Closable, peer: str) -> None:
        """Forget a connection that was closed; nothing happens where it isn't known."""
        group = self._pinned.pop(connection, None)
        if group is None:
            self._forget(connection, address_group(peer))
            return
        self._total -= 1
        self._pinned_of[group] -= 1
        if not self._pinned_of[group]:
            del self._pinned_of[group]

    def _count(self, group: str) -> int:
        return len(self._open.get(group, ())) + self._pinned_of[group]

    def _largest(self) -> str:
        return max(self._open, key=lambda group: len(self._open[group]), default="")

    def _close_oldest(self, group: str) -> bool:
        oldest = next(iter(self._open.get(group, ())), None)
        if oldest is None:
            return False
        self._forget(oldest, group)
        oldest.abort()
        return True

    def _forget(self, connection: Closable, group: str) -> None:
        members = self._open.get(group, {})
        if connection in members:
            del members[connection]
            self._total -= 1
            if not members:
                del self._open[group]
