"""The SQLite files of notify: private, used by one process at a time, each change on disk before it is reported."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from streams.errors import StraymailError
from streams.files import ensure_private


def open_exclusively(path: Path, tables: str) -> sqlite3.Connection:
    """Open the file and create the tables that it lacks. The connection may be used by several threads, one at a time.

    Raises StraymailError where the file can't be used, or another process is using it.
    """
    connection: sqlite3.Connection | None = None
    try:
        ensure_private(path)  # SQLite gives its own files beside it the same mode
        connection = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(f"BEGIN EXCLUSIVE; {tables} COMMIT;")
    except (sqlite3.Error, OSError) as error:
        if connection is not None:
            connection.close()
        raise StraymailError(
            f"can't use the journal {path} ({error}): it must be in a writable folder, and only one "
            "`straymail notify` can use it at a time"
        ) from error
    return connection
