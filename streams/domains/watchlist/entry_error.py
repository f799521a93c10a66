"""What reading a watchlist raises before the file's name is known."""

from __future__ import annotations


class EntryError(Exception):
    """An entry that can't be used, before the file's name is known; `line` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(reason)
