"""Files that only their owner may read, since they hold addresses and domains."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from streams.errors import UsageError


def create_private(path: Path) -> BinaryIO:
    """An empty file to write to; a new one has mode 0600. Raises UsageError where it can't be written."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def write_private(path: Path, text: str) -> None:
    """Write a whole text, as UTF-8, to such a file. Raises UsageError."""
    with create_private(path) as file:
        try:
            file.write(text.encode())
            file.flush()
        except OSError as error:
            raise UsageError(f"can't write {path}: {error.strerror}") from error
