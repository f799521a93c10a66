"""Follows a log that grows: through rotation and truncation, from a position that was kept."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

import msgspec

from streams.errors import UsageError
from streams.sources.files import OnProblem, Problem
from streams.sources.limits import RECORD_BYTES

HEAD_BYTES = 256
"""So much of a file's beginning tells whether it is the one that was read: inode numbers are used again."""
AT_ONCE = 5_000


class Position(msgspec.Struct, frozen=True):
    """How far a log was read. `offset` is after the last whole line; `head` is a digest of the file's first
    `head_bytes`; `state` is the source's."""

    inode: int
    offset: int
    head: str
    head_bytes: int
    state: str | None = None


def load_position(path: Path) -> Position | None:
    """The position kept in this file; None where there is none yet. Raises UsageError where it can't be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Position)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise UsageError(f"{path} is no position of a log ({error}): name another file, or remove it") from error


def save_position(path: Path, position: Position) -> None:
    """Keep it, so that a crash leaves the old one or the new one, never half of one."""
    new = path.with_name(path.name + ".new")
    try:
        with new.open("wb") as file:
            file.write(msgspec.json.encode(position))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise UsageError(f"can't write the position to {path}: {error.strerror}") from error


class Tail:
    """The lines of one log as they come. `read` never waits; a line is given when its end has been written."""

    def __init__(self, path: Path, on_problem: OnProblem, position: Position | None, *, from_start: bool) -> None:
        """Begin at the position, else at the log's end or start. Raises UsageError where there is no such file."""
        self._path, self._on_problem = path, on_problem
        self._file = self._open(path)
        self._offset = 0
        self._partial = self._head = b""
        self._is_skipping = False
        self._between: list[BinaryIO] = []
        if position is not None:
            self._go_on(position)
        elif not from_start:
            self._offset = _after_last_line(self._file)

    def _open(self, path: Path) -> BinaryIO:
        try:
            return path.open("rb")
        except OSError as error:
            raise UsageError(f"can't follow {path}: {error.strerror}") from error

    @property
    def modified_ms(self) -> int:
        """When the file that is read now was last written to, in ms since the epoch."""
        return os.fstat(self._file.fileno()).st_mtime_ns // 1_000_000

    def position(self, state: str | None) -> Position:
        """Where the lines that were given end."""
        size = min(HEAD_BYTES, self._offset)
        head = os.pread(self._file.fileno(), size, 0)
        inode = os.fstat(self._file.fileno()).st_ino
        return Position(inode, self._offset, _digest(head), size, state)

    def close(self) -> None:
        for file in (self._file, *self._between):
            file.close()

    def read(self, at_most: int = AT_ONCE) -> list[bytes]:
        """Whole lines that have come, without their ends; none where there are none now."""
        self._look_at_head()
        lines: list[bytes] = []
        while len(lines) < at_most:
            line = self._line()
            if line is None:
                if lines or not self._next_file():
                    break
            elif line:
                lines.append(line)
        return lines

    def _look_at_head(self) -> None:
        """A file that begins otherwise than before was emptied and written anew, however long it is by now."""
        head = os.pread(self._file.fileno(), min(HEAD_BYTES, self._offset), 0)
        if not head.startswith(self._head):
            self._offset, self._partial, head = 0, b"", b""
        self._head = head

    def _line(self) -> bytes | None:
        """The next whole line, empty for one that is left out; None where none has ended yet."""
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
        if self._is_skipping:
            self._is_skipping = False
            self._tell("too-long", f"A line is longer than {RECORD_BYTES // 1024} kB.")
            return b""
        return line.rstrip(b"\r\n")

    def _next_file(self) -> bool:
        """At the end: whether the log is another file now, or begins anew."""
        if self._between:
            self._switch(self._between.pop(0))
            return True
        try:
            status = self._path.stat()
        except FileNotFoundError:  # between the two steps of a rotation
            return False
        mine = os.fstat(self._file.fileno())
        if (status.st_ino, status.st_dev) != (mine.st_ino, mine.st_dev):
            if mine.st_size > self._offset + len(self._partial):
                return True  # written to after we last looked, before it was put away
            self._switch(self._open(self._path))
            return True
        if mine.st_size < self._offset:
            self._offset, self._partial, self._head = 0, b"", b""
            return True
        return False

    def _switch(self, file: BinaryIO) -> None:
        if self._partial:
            self._tell("cut-short", "The log was put away in the middle of a line.")
        self._file.close()
        self._file = file
        self._offset, self._partial, self._head = 0, b"", b""

    def _go_on(self, position: Position) -> None:
        if _is_the_one(self._file, position):
            self._offset = position.offset
            return
        siblings = [self._open(path) for path in self._rotated()]
        at = next((at for at, file in enumerate(siblings) if _is_the_one(file, position)), None)
        if at is None:
            self._tell("lost-position", "The log that was read last is gone or compressed: import it if you have it.")
            at = len(siblings)
        else:
            self._between = [*siblings[at + 1 :], self._file]  # open already: they may be renamed before their turn
            self._file, self._offset = siblings[at], position.offset
        for file in siblings[:at]:
            file.close()

    def _rotated(self) -> list[Path]:
        """Those that were put away, the oldest first."""
        paths = [path for path in self._path.parent.glob(f"{self._path.name}?*") if path.is_file()]
        plain = [path for path in paths if path.suffix not in (".gz", ".bz2", ".xz", ".zst")]
        return sorted(plain, key=lambda path: path.stat().st_mtime_ns)

    def _tell(self, reason: str, detail: str) -> None:
        self._on_problem(Problem(str(self._path), 0, reason, detail))


def _is_the_one(file: BinaryIO, position: Position) -> bool:
    status = os.fstat(file.fileno())
    if status.st_ino != position.inode or status.st_size < position.offset:
        return False
    return _digest(os.pread(file.fileno(), position.head_bytes, 0)) == position.head


def _digest(head: bytes) -> str:
    return hashlib.blake2b(head, digest_size=16).hexdigest()


def _after_last_line(file: BinaryIO) -> int:
    """Where the last line that has ended ends."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        begin = max(0, end - RECORD_BYTES)
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0
