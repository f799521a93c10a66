"""The name of a partition."""

from __future__ import annotations

from typing import NamedTuple


class Partition(NamedTuple):
    """A partition of a topic, by name and number."""

    topic: str
    partition: int
