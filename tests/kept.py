"""What is fetched or built once and kept in a cache that all checkouts of this user share."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class UnavailableError(Exception):
    """Something that a test needs can't be had here; the message says why and what to install."""


def place(name: str) -> Path:
    """Where the folder of that name is, or would be: in `$STRAYMAIL_CACHE` or the user's cache."""
    root = os.environ.get("STRAYMAIL_CACHE") or Path.home() / ".cache" / "straymail"
    return Path(root).expanduser().absolute() / name


def kept(name: str, build: Callable[[Path], None]) -> Path:
    """The folder of that name, there only when it is complete: `build` fills an empty one beside it, which is renamed.

    Two processes never build the same thing at once.
    """
    target = place(name)
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = target.with_name(f".{target.name}.lock")
        with _alone(lock), tempfile.TemporaryDirectory(prefix=".fetching-", dir=target.parent) as work:
            if not target.is_dir():
                made = Path(work) / "made"
                made.mkdir()
                build(made)
                made.rename(target)
    return target


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
