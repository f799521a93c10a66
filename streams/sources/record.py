"""Records, the units in which mail logs are read, and the limit of their length."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

RECORD_BYTES = 1024 * 1024
"""A longer record is reported and skipped. A line of a log has some hundred bytes, a mail's header some thousand."""


class Record(NamedTuple):
    """One record, and the number of the line that it begins on, from 1."""

    number: int
    value: bytes


OnTooLong = Callable[[int], None]
"""Called with the number of the line on which a record that is too long begins."""
