"""An offset to commit, with a note that the group keeps beside it: what is known of the records before it must survive
the worker that processed them.

It travels in the metadata of the commit, so the two can't differ: whoever the partition is assigned to next reads on
from the offset, and knows what the records before it said or led to.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

NoteName = Literal["newest_ms", "state_end"]
"""Of mail events: their newest event time (ms since the epoch). Of hits: the least offset after all records of the
state that they led to."""


class CommitNote(NamedTuple):
    """A number that only rises with the records that were processed."""

    name: NoteName
    value: int


class SettledOffset(int):
    """An offset to commit; `note` is about the records before it, or None where nothing is known of them."""

    note: CommitNote | None

    def __new__(cls, offset: int, note: CommitNote | None) -> SettledOffset:
        """`offset`, with its note."""
        settled = super().__new__(cls, offset)
        settled.note = note
        return settled


def metadata_of(offset: int) -> str:
    """The metadata to commit with an offset; empty without a note."""
    note = offset.note if isinstance(offset, SettledOffset) else None
    return "" if note is None else f"{note.name}={note.value}"


def note_of(metadata: str | None, name: NoteName) -> CommitNote | None:
    """The note of this name in the metadata of a commit; None where it has none, such as that of another program.
    Kafka's protocol allows for no metadata at all."""
    if metadata is None or not metadata.startswith(f"{name}="):
        return None
    try:
        return CommitNote(name, int(metadata.removeprefix(f"{name}=")))
    except ValueError:
        return None
