"""The journal of mails sent and of the position in mail.alerts: one SQLite file, used by one process.

A finding is claimed on disk before its mail is submitted. A claim that a crash leaves open is never sent again: nobody
can know whether the mail was sent, and no sender is to be notified of the same finding twice.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Literal

from streams.notify.database import open_exclusively

MailState = Literal["claimed", "sent", "refused"]
"""Of a finding's mail: `claimed` while it is being submitted, then `sent` (or possibly sent) or `refused`."""
DAY_MS = 86_400_000
KEPT_MS = 400 * DAY_MS
"""How long entries are kept: no window is longer, so no finding that is older can be updated."""
_MAILS = "told"
"""The table of mails, as journals that exist name it."""
_TABLES = f"""
CREATE TABLE IF NOT EXISTS {_MAILS} (finding TEXT PRIMARY KEY, sender TEXT NOT NULL, time_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS {_MAILS}_by_sender ON {_MAILS} (sender, time_ms);
CREATE TABLE IF NOT EXISTS position (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL);
"""


class Journal:
    """The journal, open from `__enter__` to `__exit__`. It stores senders as digests; times are integer ms since the
    epoch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Journal:
        """Open the file. Raises StraymailError where it can't be used, or another process is using it."""
        self._connection = open_exclusively(self._path, _TABLES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        self._connection = None

    def positions(self) -> dict[int, int]:
        """The next offset to read, by partition; empty at the first start."""
        return dict(self._open.execute("SELECT partition, next FROM position"))

    def save_position(self, partition: int, offset: int) -> None:
        """Record that everything up to this offset of the partition is done."""
        self._open.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", (partition, offset + 1))

    def state(self, finding: str) -> MailState | None:
        """The state of the finding's mail; None where there is none."""
        row = self._open.execute(f"SELECT outcome FROM {_MAILS} WHERE finding = ?", (finding,)).fetchone()
        return row[0] if row else None

    def notified_since(self, sender: str, time_ms: int) -> bool:
        """Whether a mail about any finding was claimed or sent to this sender (a digest) after that time."""
        query = f"SELECT 1 FROM {_MAILS} WHERE sender = ? AND time_ms > ? AND outcome != 'refused'"
        return self._open.execute(query, (sender, time_ms)).fetchone() is not None

    def claim(self, finding: str, sender: str, now_ms: int) -> None:
        """Claim a finding for a mail to its sender (a digest); the claim is on disk when this returns."""
        self._open.execute(f"INSERT INTO {_MAILS} VALUES (?, ?, ?, 'claimed')", (finding, sender, now_ms))
        self._open.execute(f"DELETE FROM {_MAILS} WHERE time_ms < ?", (now_ms - KEPT_MS,))

    def settle(self, finding: str, state: MailState) -> None:
        """Record the final state of a claimed mail."""
        self._open.execute(f"UPDATE {_MAILS} SET outcome = ? WHERE finding = ?", (state, finding))

    def release(self, finding: str) -> None:
        """Give up a claim whose mail was certainly not sent, so that it can be retried."""
        self._open.execute(f"DELETE FROM {_MAILS} WHERE finding = ?", (finding,))

    @property
    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the journal is open only inside its with statement")
        return self._connection
