"""Follows a growing log through rotation and truncation, from a saved position on."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

import msgspec

from streams.errors import UsageError
from streams.events.decode_errors import DECODER_ERRORS
from streams.files import replace_private
from streams.sources.files import OnProblem, Problem
from streams.sources.record import RECORD_BYTES, Record

HEAD_BYTES = 256
"""How much of a file's beginning identifies it, in addition to its inode number: those are reused."""
AT_ONCE = 5_000


class Position(msgspec.Struct, frozen=True):
    """How far a log was read. `offset` is just after the last complete line; `head` is a digest of the file's first
    `head_bytes`; `state` is the source's (`Source.state`); `lines` is the number of lines before the offset, None in
    files of older versions."""

    inode: int
    offset: int
    head: str
    head_bytes: int
    state: str | None = None
    lines: int | None = None


def load_position(path: Path) -> Position | None:
    """The position saved in this file; None where the file doesn't exist. Raises UsageError where it can't be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Position)
    except FileNotFoundError:
        return None
    except (OSError, *DECODER_ERRORS) as error:
        raise UsageError(f"{path} is not a position file ({error}): name another file, or remove it") from error


def save_position(path: Path, position: Position) -> None:
    """Replace the file atomically: a crash leaves the old position or the new one. It holds addresses and subjects of
    open mails, so a new one has mode 0600. Raises UsageError."""
    try:
        replace_private(path, msgspec.json.encode(position))
    except OSError as error:
        raise UsageError(f"can't write the position to {path}: {error.strerror}") from error


class Tail:
    """The lines of one log as they are written. `read` never waits; a line is returned once it is complete."""

    def __init__(self, path: Path, on_problem: OnProblem, position: Position | None, *, from_start: bool) -> None:
        """Open the log at `position`, else at its start or its end. Raises UsageError where it can't be opened."""
        self._path, self._on_problem = path, on_problem
        self._file = self._open(path)
        self._begin()
        self._is_skipping = False
        self._newer: list[BinaryIO] = []
        if position is not None:
            self._resume(position)
        elif not from_start:
            self._go_to(_after_last_line(self._file), None)

    def _open(self, path: Path) -> BinaryIO:
        try:
            return path.open("rb")
        except OSError as error:
            raise UsageError(f"can't follow {path}: {error.strerror}") from error

    def _begin(self) -> None:
        """Read the file from its beginning."""
        self._offset = self._number = 0
        self._partial = self._head = b""

    def _go_to(self, offset: int, lines: int | None) -> None:
        """Read the file from this offset on, before which it has so many lines: they are counted where that is None."""
        self._offset = offset
        self._number = _lines_before(self._file, offset) if lines is None else lines

    @property
    def name(self) -> str:
        """The path at which the file being read was opened."""
        return str(self._file.name)

    @property
    def modified_ms(self) -> int:
        """When the file being read was last modified, in ms since the epoch."""
        return os.fstat(self._file.fileno()).st_mtime_ns // 1_000_000

    def position(self, state: str | None) -> Position:
        """The position after the last line returned by `read`; `state` is the source's."""
        size = min(HEAD_BYTES, self._offset)
        head = os.pread(self._file.fileno(), size, 0)
        inode = os.fstat(self._file.fileno()).st_ino
        return Position(inode, self._offset, _digest(head), size, state, self._number)

    def close(self) -> None:
        for file in (self._file, *self._newer):
            file.close()

    def read(self, at_most: int = AT_ONCE) -> list[Record]:
        """New complete lines of one file without their line ends, at most so many; empty where there are none."""
        self._check_head()
        lines: list[Record] = []
        while len(lines) < at_most:
            line = self._line()
            if line is None:
                if lines or not self._next_file():
                    break
            elif line:
                lines.append(Record(self._number, line))
        return lines

    def _check_head(self) -> None:
        """Start again where the file's beginning has changed: it was truncated and rewritten, whatever its length."""
        head = os.pread(self._file.fileno(), min(HEAD_BYTES, self._offset), 0)
        if not head.startswith(self._head):
            self._begin()
            return
        self._head = head

    def _line(self) -> bytes | None:
        """The next complete line, empty for one that is skipped; None where there is none yet."""
        self._file.seek(self._offset + len(self._partial))
        part = self._file.readline(RECORD_BYTES)
        if not part:
            return None
        self._partial += part
        if part[-1] != 10:
            if len(self._partial) < RECORD_BYTES:
                return None
            self._is_skipping = True
            self._offset, self._partial = self._offset + len(self._partial), b""
            return b""
        line, self._partial = self._partial, b""
        self._offset += len(line)
        self._number += 1
        if self._is_skipping:
            self._is_skipping = False
            self._report(self._number, "too-long", f"A line is longer than {RECORD_BYTES // 1024} kB.")
            return b""
        return line.rstrip(b"\r\n")

    def _next_file(self) -> bool:
        """Move on at the end of the file; False unless the log was rotated or truncated."""
        if self._newer:
            self._switch(self._newer.pop(0))
            return True
        try:
            status = self._path.stat()
        except FileNotFoundError:  # between the two steps of a rotation
            return False
        current = os.fstat(self._file.fileno())
        if (status.st_ino, status.st_dev) != (current.st_ino, current.st_dev):
            if current.st_size > self._offset + len(self._partial):
                return True  # more was written before it was rotated away: read that first
            self._switch(self._open(self._path))
            return True
        if current.st_size < self._offset:
            self._begin()
            return True
        return False

    def _switch(self, file: BinaryIO) -> None:
        if self._partial:
            self._report(self._number + 1, "cut-short", "The log was rotated in the middle of a line.")
        self._file.close()
        self._file = file
        self._begin()

    def _resume(self, position: Position) -> None:
        """Go to the position, in the log itself or in a rotated file; newer rotated files are read after that one."""
        if _matches(self._file, position):
            self._go_to(position.offset, position.lines)
            return
        rotated = [self._open(path) for path in self._rotated()]
        at = next((at for at, file in enumerate(rotated) if _matches(file, position)), None)
        if at is None:
            detail = "The file that was read last was removed or compressed: import it separately if you have it."
            self._report(0, "lost-position", detail)
            at = len(rotated)
        else:
            self._newer = [*rotated[at + 1 :], self._file]  # open already: they may be renamed before their turn
            self._file = rotated[at]
            self._go_to(position.offset, position.lines)
        for file in rotated[:at]:
            file.close()

    def _rotated(self) -> list[Path]:
        """The uncompressed rotated files of this log, the oldest first."""
        paths = [path for path in self._path.parent.glob(f"{self._path.name}?*") if path.is_file()]
        plain = [path for path in paths if path.suffix not in (".gz", ".bz2", ".xz", ".zst")]
        return sorted(plain, key=lambda path: path.stat().st_mtime_ns)

    def _report(self, number: int, reason: str, detail: str) -> None:
        self._on_problem(Problem(self.name, number, reason, detail))


def _matches(file: BinaryIO, position: Position) -> bool:
    """Whether the position was saved for this file."""
    status = os.fstat(file.fileno())
    if status.st_ino != position.inode or status.st_size < position.offset:
        return False
    return _digest(os.pread(file.fileno(), position.head_bytes, 0)) == position.head


def _digest(head: bytes) -> str:
    return hashlib.blake2b(head, digest_size=16).hexdigest()


def _lines_before(file: BinaryIO, offset: int) -> int:
    """The number of line ends before the offset."""
    file.seek(0)
    parts = (file.read(min(RECORD_BYTES, offset - at)) for at in range(0, offset, RECORD_BYTES))
    return sum(part.count(b"\n") for part in parts)


def _after_last_line(file: BinaryIO) -> int:
    """The offset after the last complete line; 0 where there is none."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        begin = max(0, end - RECORD_BYTES)
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0
