"""Creates files that only their owner may read, since they contain addresses and domains."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from streams.errors import UsageError


def create_private(path: Path) -> BinaryIO:
    """Open a file for writing and empty it; a new file gets mode 0600. Raises UsageError if that fails."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def write_private(path: Path, text: str) -> None:
    """Write a text as UTF-8 to a file opened by `create_private`. Raises UsageError if that fails."""
    try:
        with create_private(path) as file:  # on a full disk, closing it fails as well as writing to it
            file.write(text.encode())
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error
