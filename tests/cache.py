"""The cache of what tests fetch or build once; all checkouts of a user share it."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class UnavailableError(Exception):
    """Something that a test needs is not available here; the message gives the reason and what to install."""


def cache_folder(name: str) -> Path:
    """The path of the cached folder of that name, which may not exist: in `$STRAYMAIL_CACHE` or the user's cache."""
    root = os.environ.get("STRAYMAIL_CACHE") or Path.home() / ".cache" / "straymail"
    return Path(root).expanduser().absolute() / name


def cached(name: str, build: Callable[[Path], None]) -> Path:
    """The cached folder of that name; where it doesn't exist, `build` fills an empty folder, which is then renamed.

    The folder is therefore always complete. Two processes never build the same one at the same time.
    """
    target = cache_folder(name)
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = target.with_name(f".{target.name}.lock")
        with _locked(lock), tempfile.TemporaryDirectory(prefix=".fetching-", dir=target.parent) as work:
            if not target.is_dir():
                made = Path(work) / "made"
                made.mkdir()
                build(made)
                made.rename(target)
    return target


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
