"""What became of a mail: the delivery statuses, and which of several holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

Delivery = Literal["delivered", "deferred", "held", "unknown", "failed", "rejected"]
MOST_LEAKED_FIRST: tuple[Delivery, ...] = get_args(Delivery)
"""In the order of what may have leaked: surely, still possibly, not."""
STORED: tuple[Delivery, ...] = ("unknown", "held", "deferred", "rejected", "failed", "delivered")
"""From the least to the best known: what is learned later of a mail replaces what stands left of it. The state topic
holds the places in this order, so it never changes."""
STORED_RANKS = {status: rank for rank, status in enumerate(STORED)}
UNDELIVERED: frozenset[Delivery] = frozenset({"failed", "rejected"})
"""Known not to have been delivered."""

_LEAK_RANKS = {status: rank for rank, status in enumerate(MOST_LEAKED_FIRST)}


def joined_delivery(statuses: Iterable[Delivery]) -> Delivery:
    """One status for several recipients: the one by which most may have leaked; unknown where there is none."""
    return min(statuses, key=_LEAK_RANKS.__getitem__, default="unknown")


def latest_delivery(statuses: Iterable[Delivery]) -> Delivery:
    """Of several statuses of the same recipients the one that is known best; unknown where there is none."""
    return max(statuses, key=STORED_RANKS.__getitem__, default="unknown")
