"""Delivery statuses, and which of several applies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

Delivery = Literal["delivered", "deferred", "held", "unknown", "failed", "rejected"]
MOST_LEAKED_FIRST: tuple[Delivery, ...] = get_args(Delivery)
"""From surely leaked, over possibly, to not leaked."""
STORED: tuple[Delivery, ...] = ("unknown", "held", "deferred", "rejected", "failed", "delivered")
"""From the least to the best known: a later status replaces one to its left. The state topic stores positions in this
order, so it must never change."""
STORED_RANKS = {status: rank for rank, status in enumerate(STORED)}
UNDELIVERED: frozenset[Delivery] = frozenset({"failed", "rejected"})
"""The statuses of mail that is known not to have been delivered."""

_LEAK_RANKS = {status: rank for rank, status in enumerate(MOST_LEAKED_FIRST)}


def joined_delivery(statuses: Iterable[Delivery]) -> Delivery:
    """One status for several recipients: that by which most may have leaked; unknown if there are none."""
    return min(statuses, key=_LEAK_RANKS.__getitem__, default="unknown")


def latest_delivery(statuses: Iterable[Delivery]) -> Delivery:
    """One status of several reports on the same recipients: the best known; unknown if there are none."""
    return max(statuses, key=STORED_RANKS.__getitem__, default="unknown")
