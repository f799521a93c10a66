"""The journal of the channels: what each was sent, and how far it has read mail.alerts.

A message is claimed on disk before it is handed over, and settled with the position in one step. So what a crash leaves
claimed is exactly what may have been sent without having been noted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import NamedTuple

from streams.notify.database import open_exclusively
from streams.notify.journal import KEPT_MS
from streams.severity import Severity

_TABLES = """
CREATE TABLE IF NOT EXISTS sent (channel TEXT, finding TEXT, sequence INTEGER NOT NULL, severity INTEGER NOT NULL,
  time_ms INTEGER NOT NULL, PRIMARY KEY (channel, finding));
CREATE TABLE IF NOT EXISTS claimed (channel TEXT, finding TEXT, PRIMARY KEY (channel, finding));
CREATE TABLE IF NOT EXISTS position (channel TEXT, partition INTEGER, next INTEGER NOT NULL,
  PRIMARY KEY (channel, partition));
"""


class SentState(NamedTuple):
    """The newest state of a finding that a channel was sent."""

    finding: str
    sequence: int
    severity: Severity


class ChannelJournal:
    """The journal of all channels, open from `__enter__` to `__exit__`; each method may be called from any thread.
    It has uids of findings and no address; times are integer ms since the epoch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()

    def __enter__(self) -> ChannelJournal:
        """Open the file. Raises StraymailError where it can't be used, or another process is using it."""
        self._connection = open_exclusively(self._path, _TABLES)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def positions(self, channel: str) -> dict[int, int]:
        """The next offset to read, by partition; empty at the channel's first start."""
        query = "SELECT partition, next FROM position WHERE channel = ?"
        with self._transaction() as journal:
            return dict(journal.execute(query, (channel,)).fetchall())

    def save_positions(self, channel: str, positions: Mapping[int, int]) -> None:
        """Record the next offset to read of these partitions."""
        with self._transaction() as journal:
            _save(journal, channel, positions)

    def last_sent(self, channel: str, finding: str) -> SentState | None:
        """What the channel was last sent about the finding; None for nothing."""
        query = "SELECT finding, sequence, severity FROM sent WHERE channel = ? AND finding = ?"
        with self._transaction() as journal:
            row = journal.execute(query, (channel, finding)).fetchone()
        return SentState(row[0], row[1], Severity(row[2])) if row else None

    def claimed(self, channel: str) -> set[str]:
        """The findings of messages that may have been sent without having been noted."""
        with self._transaction() as journal:
            rows = journal.execute("SELECT finding FROM claimed WHERE channel = ?", (channel,)).fetchall()
        return {finding for (finding,) in rows}

    def claim(self, channel: str, findings: Iterable[str]) -> None:
        """Claim a message about these findings; the claim is on disk when this returns."""
        rows = [(channel, finding) for finding in findings]
        with self._transaction() as journal:
            journal.executemany("INSERT OR REPLACE INTO claimed VALUES (?, ?)", rows)

    def release(self, channel: str, findings: Iterable[str]) -> None:
        """Give up the claims of a message that was not accepted."""
        rows = [(channel, finding) for finding in findings]
        with self._transaction() as journal:
            journal.executemany("DELETE FROM claimed WHERE channel = ? AND finding = ?", rows)

    def settle(self, channel: str, sent: Iterable[SentState], positions: Mapping[int, int], now_ms: int) -> None:
        """Record that the claimed message was accepted, and the next offsets to read."""
        rows = [(channel, *state, now_ms) for state in sent]
        with self._transaction() as journal:
            journal.executemany("INSERT OR REPLACE INTO sent VALUES (?, ?, ?, ?, ?)", rows)
            journal.execute("DELETE FROM claimed WHERE channel = ?", (channel,))
            journal.execute("DELETE FROM sent WHERE time_ms < ?", (now_ms - KEPT_MS,))
            _save(journal, channel, positions)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._connection is None:
                raise RuntimeError("the journal is open only inside its with statement")
            self._connection.execute("BEGIN")
            with self._connection:  # commits, or rolls back
                yield self._connection


def _save(journal: sqlite3.Connection, channel: str, positions: Mapping[int, int]) -> None:
    rows = [(channel, partition, offset) for partition, offset in positions.items()]
    journal.executemany("INSERT OR REPLACE INTO position VALUES (?, ?, ?)", rows)
