"""An offset to commit, with the event time that the group keeps beside it: what is known of a partition's event time
must survive the worker that read it.

It travels in the metadata of the commit, so the two can't differ: whoever the partition is assigned to next reads on
from the offset, and knows what the records before it said.
"""

from __future__ import annotations

PREFIX = "newest_ms="


class SettledOffset(int):
    """An offset to commit; `newest_ms` is the newest event time (ms since the epoch) of the records before it, or None
    where none is known."""

    newest_ms: int | None

    def __new__(cls, offset: int, newest_ms: int | None) -> SettledOffset:
        """`offset`, with its event time."""
        settled = super().__new__(cls, offset)
        settled.newest_ms = newest_ms
        return settled


def metadata_of(offset: int) -> str:
    """The metadata to commit with an offset; empty where no event time is known."""
    newest_ms = offset.newest_ms if isinstance(offset, SettledOffset) else None
    return "" if newest_ms is None else f"{PREFIX}{newest_ms}"


def newest_ms_of(metadata: str | None) -> int | None:
    """The newest event time in the metadata of a commit; None where it has none, such as that of another program.
    Kafka's protocol allows for no metadata at all."""
    if metadata is None or not metadata.startswith(PREFIX):
        return None
    try:
        return int(metadata.removeprefix(PREFIX))
    except ValueError:
        return None
