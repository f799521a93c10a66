"""What was sent, and how far mail.alerts was read: one SQLite file that one process writes.

A finding is claimed on disk before its mail is handed over. A claim that a crash leaves open is never sent again: it
can't be known whether the mail went, and nobody is to be told of the same finding twice.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Literal

from streams.errors import StraymailError

Outcome = Literal["claimed", "sent", "refused"]
DAY_MS = 86_400_000
KEPT_MS = 400 * DAY_MS
"""No window is longer, so no finding that old is told of again."""
_TABLES = """
CREATE TABLE IF NOT EXISTS told (finding TEXT PRIMARY KEY, sender TEXT NOT NULL, time_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS told_by_sender ON told (sender, time_ms);
CREATE TABLE IF NOT EXISTS position (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL);
"""


class Journal:
    """Open from `__enter__` to `__exit__`. Senders are stored as a digest, times are integer ms since the epoch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Journal:
        """Raises StraymailError where the file can't be used, or another process has it."""
        connection: sqlite3.Connection | None = None
        try:
            connection = sqlite3.connect(self._path, timeout=1, isolation_level=None)
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(f"BEGIN EXCLUSIVE; {_TABLES} COMMIT;")
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise StraymailError(
                f"can't use the journal {self._path} ({error}): only one `straymail notify` may use it, in a folder "
                "that it may write"
            ) from error
        self._connection = connection
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        self._connection = None

    def positions(self) -> dict[int, int]:
        """The next offset of each partition; empty at the first start."""
        return dict(self._open.execute("SELECT partition, next FROM position"))

    def done_with(self, partition: int, offset: int) -> None:
        """All up to this offset needs no further look."""
        self._open.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (partition, offset + 1))

    def outcome(self, finding: str) -> Outcome | None:
        """What became of the finding's mail; None where there was none."""
        found = self._open.execute("SELECT outcome FROM told WHERE finding = ?", (finding,)).fetchone()
        return found[0] if found else None

    def told_since(self, sender: str, time_ms: int) -> bool:
        """Whether that sender has been told of any finding since."""
        query = "SELECT 1 FROM told WHERE sender = ? AND time_ms > ? AND outcome != 'refused'"
        return self._open.execute(query, (sender, time_ms)).fetchone() is not None

    def claim(self, finding: str, sender: str, now_ms: int) -> None:
        """On disk when this returns."""
        self._open.execute("INSERT INTO told VALUES (?, ?, ?, 'claimed')", (finding, sender, now_ms))
        self._open.execute("DELETE FROM told WHERE time_ms < ?", (now_ms - KEPT_MS,))

    def settle(self, finding: str, outcome: Outcome) -> None:
        """What became of a claim."""
        self._open.execute("UPDATE told SET outcome = ? WHERE finding = ?", (outcome, finding))

    def release(self, finding: str) -> None:
        """The mail surely did not go, and may be tried again."""
        self._open.execute("DELETE FROM told WHERE finding = ?", (finding,))

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the journal is open only inside its with statement")
        return self._connection
