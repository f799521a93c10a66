"""What became of a mail, and which of several statuses holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

Delivery = Literal["delivered", "deferred", "held", "unknown", "failed", "rejected"]

_BEST_FIRST: tuple[Delivery, ...] = ("delivered", "deferred", "held", "unknown", "failed", "rejected")
"""From what has surely leaked, over what still may, to what has not."""
_RANK = {status: rank for rank, status in enumerate(_BEST_FIRST)}


def joined_delivery(statuses: Iterable[Delivery]) -> Delivery:
    """One status for several: the one by which most may have leaked; unknown where there is none."""
    return min(statuses, key=_RANK.__getitem__, default="unknown")
