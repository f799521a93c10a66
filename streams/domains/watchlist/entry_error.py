"""The error of a watchlist entry."""

from __future__ import annotations


class EntryError(Exception):
    """A watchlist entry that can't be used; `line` counts from 1. `WatchlistError` adds the name of the file."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(reason)
