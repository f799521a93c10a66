"""Entries of Exim's log that it splits for syslog, which takes 870 bytes a line: `[1/3] ...`, `[2/3] ...`, `[3/3] ...`.

The numbers are a line's and the last one's. A backslash instead of the slash means that the line ends at a line end of
the entry. Exim writes the lines of an entry one after the other, but those of other processes may come between them.
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict

from streams.errors import UnreadableRecord
from streams.events.reasons import Reason

UNFINISHED = "entries that are split for syslog and whose last lines are not in the log"
BEGUN_KEPT = 1_000
ENTRY_BYTES = 256 * 1024
_LINE = re.compile(rb"\[(\d{1,4})([/\\])(\d{1,4})\] (.*)", re.DOTALL)
_PID = re.compile(rb'\[(\d++)\]: \[|"(?:SYSLOG|_)_?PID" ?: ?"?(\d++)| (\d++) - - \[')


class SplitEntries:
    """The entries of which not all lines have come yet, by host and process."""

    def __init__(self, skipped: Counter[str]) -> None:
        """`skipped` counts those whose last lines are not in the log."""
        self._skipped = skipped
        self._begun: OrderedDict[tuple[bytes, bytes], tuple[int, bytes]] = OrderedDict()

    def join(self, host: bytes, record: bytes, text: bytes) -> bytes | None:
        """The whole entry where this is its last line, or no part of any; None where more are to come.

        `text` is that of `record`. Raises UnreadableRecord where the lines before it are not in the log."""
        found = _LINE.fullmatch(text)
        if found is None:
            return text
        key = host, _process(record)
        number, last = int(found[1]), int(found[3])
        if number == 1:
            self._give_up(key)
        before, begun = self._begun.pop(key, (0, b""))
        if number != before + 1 or len(begun) > ENTRY_BYTES:
            raise UnreadableRecord(Reason.BAD_VALUE, "The lines before this part of an entry are not in the log.")
        begun += found[4] + (b"\n" if found[2] == b"\\" else b"")
        if number >= last:
            return begun
        self._begun[key] = number, begun
        if len(self._begun) > BEGUN_KEPT:
            self._give_up(next(iter(self._begun)))
        return None

    def end(self) -> None:
        """No more lines are to come."""
        for key in list(self._begun):
            self._give_up(key)

    def _give_up(self, key: tuple[bytes, bytes]) -> None:
        if self._begun.pop(key, None) is not None:
            self._skipped[UNFINISHED] += 1


def without_number(text: bytes) -> bytes:
    """What a line of an entry says; `text` where it is a whole entry."""
    found = _LINE.fullmatch(text)
    return text if found is None else found[4]


def _process(record: bytes) -> bytes:
    found = _PID.search(record)
    return b"" if found is None else found[1] or found[2] or found[3]
