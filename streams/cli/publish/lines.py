"""Lines of files and of stdin, with where they stand; compressed ones are recognised by their first bytes."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple

from streams.errors import StraymailError, UsageError

GZIP_MAGIC = b"\x1f\x8b"


class Line(NamedTuple):
    """A line without its end; `number` counts from 1."""

    file: str
    number: int
    value: bytes

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.file}:{self.number}"


def read_lines(files: Sequence[str], on_progress: Callable[[int], None] = lambda _: None) -> Iterator[Line]:
    """The lines of all files in order, blank ones left out; `-` is stdin.

    `on_progress` gets the bytes of the files, compressed or not, that were read so far. Raises UsageError where a file
    can't be opened, StraymailError where it ends in the middle.
    """
    done = 0
    for name in files:
        with nullcontext(sys.stdin.buffer) if name == "-" else _open(name) as file:
            for number, value in enumerate(_content(file, name), start=1):
                if value := value.strip(b"\r\n"):
                    on_progress(done + (file.tell() if file.seekable() else 0))
                    yield Line("stdin" if name == "-" else name, number, value)
            done += file.tell() if file.seekable() else 0


def size_of(files: Sequence[str]) -> int | None:
    """The bytes of all files together, None where one of them is stdin or isn't there."""
    paths = [Path(name) for name in files]
    return sum(path.stat().st_size for path in paths) if all(path.is_file() for path in paths) else None


def _open(name: str) -> BufferedReader:
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"can't read {name}: {error.strerror}") from error


def _content(file: BinaryIO, name: str) -> Iterator[bytes]:
    if not isinstance(file, BufferedReader) or file.peek(2)[:2] != GZIP_MAGIC:
        yield from file
        return
    try:
        with gzip.open(file) as content:
            yield from content
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise StraymailError(f"{name} is no whole gzip file ({error}): what came before that was read") from error
