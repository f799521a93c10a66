"""Creates files that only their owner may read, since they contain addresses and domains, and finds those that others
may read."""

from __future__ import annotations

import errno
import os
import shlex
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from streams.errors import UsageError

PRIVATE = 0o600
Warn = Callable[[str], None]
"""Called with one sentence, for the person who runs the command."""


def create_private(path: Path, warn: Warn) -> BinaryIO:
    """Open a file for writing and empty it; a new file gets mode 0600, and another keeps its mode.

    `warn` is called where others can read what is written. Raises UsageError if the file can't be opened.
    """
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "wb")
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error
    warn_of_readers(path, warn)
    return file


def check_folder(path: Path) -> None:
    """Raise UsageError where there is no folder for the file, or none to write to: for a file that is written last."""
    if not (folder := path.absolute().parent).is_dir():
        raise UsageError(f"can't write {path}: there is no folder {folder}")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise UsageError(f"can't write {path}: {os.strerror(errno.EACCES)}")


def write_private(path: Path, text: str, warn: Warn) -> None:
    """Write a text as UTF-8 to a file opened by `create_private`. Raises UsageError if that fails."""
    try:
        with create_private(path, warn) as file:  # on a full disk, closing it fails as well as writing to it
            file.write(text.encode())
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror}") from error


def new_private(path: Path) -> BinaryIO:
    """A file of mode 0600 that was not there before. Raises OSError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb")


def ensure_private(path: Path) -> None:
    """Create an empty file of mode 0600 unless there is one, for libraries that would create it. Raises OSError."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE))


def replace_private(path: Path, content: bytes) -> None:
    """Replace a file atomically: a crash leaves the old one or the new one. Its mode stays; a new file gets 0600.

    Raises OSError.
    """
    new = path.with_name(f"{path.name}.new")
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else PRIVATE
    new.unlink(missing_ok=True)  # a crash left it, or somebody else put it there
    with new_private(new) as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def warn_of_readers(path: Path, warn: Warn) -> None:
    """Call `warn` where somebody else can read or write the file."""
    if (problem := exposure(path)) is not None:
        warn(f"{problem}: {remedy(path)}")


def exposure(path: Path) -> str | None:
    """Who else can read or write the file; None for nobody, or where there is no such file.

    A file of somebody else's that this process reads through its group is as it should be: so Kubernetes mounts secrets
    (mode 0440 and fsGroup).
    """
    try:
        status = path.stat()
    except OSError:
        return None
    others = status.st_mode & (0o066 if status.st_uid == os.geteuid() else 0o026)
    if not others or not stat.S_ISREG(status.st_mode):
        return None
    what = " and ".join(verb for bits, verb in ((0o044, "read"), (0o022, "written")) if others & bits)
    who = " and ".join(name for bits, name in ((0o060, "its group"), (0o006, "others")) if others & bits)
    return f"{path} can be {what} by {who} (mode {stat.S_IMODE(status.st_mode):04o})"


def remedy(path: Path) -> str:
    """How to close a file to others."""
    if path.stat().st_uid == os.geteuid():
        return f"run chmod 600 {shlex.quote(str(path))}"
    return "let its owner close it to others (chmod 600; in Kubernetes, defaultMode: 0440 with an fsGroup)"
