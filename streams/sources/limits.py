"""What a record is, and how long it may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

RECORD_BYTES = 1024 * 1024
"""A longer record is told and skipped: a line of a log has some hundred bytes, a mail's header some thousand."""


class Record(NamedTuple):
    """One record and the number of the line that it begins on, from 1."""

    number: int
    value: bytes


OnTooLong = Callable[[int], None]
"""Is told the line that a record begins on which is longer than allowed."""
