"""Reads lines from files and stdin, with their line numbers; compressed files are recognised by their first bytes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from typing import BinaryIO, NamedTuple

from streams.errors import StraymailError
from streams.sources.files import CUT_SHORT, decompressed, open_log


class Line(NamedTuple):
    """A line without its line end; `number` counts from 1."""

    file: str
    number: int
    value: bytes

    @property
    def place(self) -> str:
        """File and line number, for messages."""
        return f"{self.file}:{self.number}"


def read_lines(files: Sequence[str], on_progress: Callable[[int], None] = lambda _: None) -> Iterator[Line]:
    """The lines of all files in order, without blank ones; `-` is stdin.

    `on_progress` is called with the number of bytes read so far from all files, before decompression. Raises UsageError
    if a file can't be opened, StraymailError if a compressed one is truncated or damaged.
    """
    done = 0
    for name in files:
        with nullcontext(sys.stdin.buffer) if name == "-" else open_log(name) as file:
            for number, value in enumerate(_content(file, name), start=1):
                if value := value.strip(b"\r\n"):
                    on_progress(done + (file.tell() if file.seekable() else 0))
                    yield Line("stdin" if name == "-" else name, number, value)
            done += file.tell() if file.seekable() else 0


def _content(file: BinaryIO, name: str) -> Iterator[bytes]:
    plain = decompressed(file)
    try:
        yield from plain
    except CUT_SHORT as error:
        raise StraymailError(f"{name} is truncated or damaged ({error}); the lines before that were read") from error
