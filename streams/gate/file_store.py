"""Decisions in an sqlite3 file, for a single gate without Kafka."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from streams.events.mail import MailEvent
from streams.files import ensure_private
from streams.gate.confirmations import Confirmations, StoredRecord
from streams.gate.store import NotStoredError

T = TypeVar("T")
log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0
CLEAN_SECONDS = 3600.0
RECORDS_AT_ONCE = 1_000
"""After so many records the event loop does something else."""


class FileStore:
    """A DecisionStore in one file, which it keeps locked. One thread does all work, so records are stored in order.

    A crash of the gate loses nothing; one of the machine may lose the last moments, and their senders are asked again.
    """

    def __init__(self, path: Path, confirmations: Confirmations, now_ms: Callable[[], int], *, keep_ms: int) -> None:
        """Nothing is opened yet. Records older than `keep_ms` are deleted; `now_ms` is the present."""
        self.confirmations = confirmations
        self._path, self._now_ms, self._keep_ms = path, now_ms, keep_ms
        self._thread = ThreadPoolExecutor(1, "gate-file")
        self._database: sqlite3.Connection | None = None
        self._problem: str | None = f"{path} is not open yet"

    @property
    def problem(self) -> str | None:
        return self._problem

    async def run(self) -> None:
        try:
            await self._load()
            while True:
                await self._in_thread(self._clean)
                await asyncio.sleep(CLEAN_SECONDS)
        finally:
            self._problem = f"{self._path} is closed"
            await self._in_thread(self._close)
            self._thread.shutdown()

    async def put(self, records: Sequence[StoredRecord]) -> None:
        try:
            await self._in_thread(self._write, records)
        except sqlite3.Error as error:
            raise NotStoredError(f"can't write {self._path}: {error}") from error
        self._take(records)

    def put_later(self, records: Sequence[StoredRecord]) -> None:
        self._take(records)
        self._thread.submit(self._write_or_log, records)

    def publish(self, event: MailEvent) -> None:
        """Nothing: no stream of mail events is at hand."""

    async def _load(self) -> None:
        """Open the file, trying again until that works, and load what it has."""
        while (stored := await self._in_thread(self._open)) is None:  # noqa: ASYNC110 - nothing tells when it can be opened
            await asyncio.sleep(RETRY_SECONDS)
        for start in range(0, len(stored), RECORDS_AT_ONCE):
            self._take(stored[start : start + RECORDS_AT_ONCE])
            await asyncio.sleep(0)
        self._problem = None
        log.info("decisions read from %s: %d", self._path, len(self.confirmations))

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _take(self, records: Iterable[StoredRecord]) -> None:
        for key, value in records:
            self.confirmations.take(key, value, now_ms=self._now_ms())

    def _open(self) -> list[StoredRecord] | None:
        """Open the file and return what it has; None, and the problem, where that fails."""
        database: sqlite3.Connection | None = None
        try:
            ensure_private(self._path)
            database = sqlite3.connect(self._path, timeout=1)
            database.execute("PRAGMA locking_mode = EXCLUSIVE")  # a second gate would not see what this one stores
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            with database:
                database.execute(
                    "CREATE TABLE IF NOT EXISTS decisions (key BLOB PRIMARY KEY, value BLOB, written_ms INT)"
                )
            stored = database.execute("SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM decisions").fetchall()
        except (OSError, sqlite3.Error) as error:
            if database is not None:
                database.close()
            problem = f"can't use {self._path}: {getattr(error, 'strerror', None) or error}"
            if problem != self._problem:
                log.error("%s", problem)
            self._problem = problem
            return None
        self._database = database
        return stored

    def _write(self, records: Sequence[StoredRecord]) -> None:
        if self._database is None:
            raise sqlite3.OperationalError("it is not open")
        now_ms = self._now_ms()
        with self._database as database:
            for key, value in records:
                if value is None:
                    database.execute("DELETE FROM decisions WHERE key = ?", (key,))
                else:
                    database.execute("INSERT OR REPLACE INTO decisions VALUES (?, ?, ?)", (key, value, now_ms))

    def _write_or_log(self, records: Sequence[StoredRecord]) -> None:
        try:
            self._write(records)
        except sqlite3.Error as error:
            log.error("can't write %s: %s", self._path, error)

    def _clean(self) -> None:
        if self._database is not None:
            try:
                with self._database as database:
                    database.execute("DELETE FROM decisions WHERE written_ms < ?", (self._now_ms() - self._keep_ms,))
            except sqlite3.Error as error:
                log.error("can't delete what is old from %s: %s", self._path, error)

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
