"""Opens mail logs: compressed or not, rotated, folders of messages, in whatever order they are named."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from streams.errors import UsageError
from streams.sources.limits import RECORD_BYTES, Record
from streams.sources.records import cut, whole_lines
from streams.sources.source import Framing, Source

STDIN = "-"
GZIP, BZIP2, XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
CUT_SHORT = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, UnicodeError, OSError)
"""What reading raises where a file's compression or encoding ends or breaks in the middle."""
LINES_TRIED = 200
CHUNK = 64 * 1024


class Problem(NamedTuple):
    """What was left out: `number` is the line, 0 for the file as a whole. The detail never has content of the file."""

    file: str
    number: int
    reason: str
    detail: str

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.file}:{self.number}" if self.number else self.file


OnProblem = Callable[[Problem], None]


def open_log(name: str) -> BinaryIO:
    """A file of any name; its compression is known by its first bytes. Raises UsageError where it can't be opened."""
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"can't read {name}: {error.strerror}") from error


def content(raw: BinaryIO) -> io.BufferedReader:
    """What is in the file, decompressed and as UTF-8 where a byte order mark says that it is UTF-16."""
    buffered = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", raw))
    plain = _decompressed(buffered)
    start = plain.peek(3)[:3]
    if start[:2] in UTF16_MARKS:
        return io.BufferedReader(_Utf8(plain), CHUNK)
    if start == UTF8_MARK:
        plain.read(3)
    return plain


class _Utf8(io.RawIOBase):
    """UTF-16 read as UTF-8."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-16", newline="")
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed asks for any buffer
        if not self._left:
            self._left = self._text.read(CHUNK // 4).encode(errors="surrogatepass")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def _decompressed(file: io.BufferedReader) -> io.BufferedReader:
    start = file.peek(6)[:6]
    if start.startswith(GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=file))
    if start.startswith(BZIP2):
        return io.BufferedReader(cast("io.RawIOBase", bz2.BZ2File(file)))
    if start.startswith(XZ):
        return io.BufferedReader(cast("io.RawIOBase", lzma.LZMAFile(file)))
    return file


def records(
    name: str, framing: Framing, on_problem: OnProblem, on_progress: Callable[[int], None] = lambda _: None
) -> Iterator[Record]:
    """The records of one file. What can't be read is told and left out; where a file breaks, what came before counts.

    `on_progress` is told now and then how many bytes of the file, compressed or not, were read.
    """
    told = "stdin" if name == STDIN else name
    with nullcontext(sys.stdin.buffer) if name == STDIN else open_log(name) as raw:

        def too_long(number: int) -> None:
            on_problem(Problem(told, number, "too-long", f"The record is longer than {RECORD_BYTES // 1024} kB."))

        found = 0
        try:
            for found, record in enumerate(cut(content(raw), framing, too_long), start=1):
                if found % 1000 == 0 and name != STDIN:
                    on_progress(raw.tell())
                yield record
        except CUT_SHORT as error:
            detail = f"The file ends or breaks in the middle ({error}); {found:,} records before that were read."
            on_problem(Problem(told, 0, "cut-short", detail))


def expand(names: Sequence[str], framing: Framing) -> list[str]:
    """The files named; a folder stands for the messages in it (a Maildir, or .eml files) where records are messages.

    Raises UsageError for a name that is no file.
    """
    files: list[str] = []
    for name in names:
        path = Path(name)
        if name != STDIN and path.is_dir():
            if framing != "message":
                raise UsageError(f"{name} is a folder: name its files")
            files += sorted(str(file) for file in path.rglob("*") if file.is_file() and _is_message(file))
        elif name != STDIN and not path.exists():
            raise UsageError(f"can't read {name}: there is no such file")
        else:
            files.append(name)
    if not files:
        raise UsageError(f"there is no message in {', '.join(names)}")
    return files


def _is_message(file: Path) -> bool:
    """In a Maildir messages are in `cur` and `new`, elsewhere their names end in .eml."""
    return file.parent.name in ("cur", "new") or file.suffix.lower() == ".eml"


def in_order(names: Sequence[str], source: Source) -> list[str]:
    """Rotated files by the time of their first line, as they were written; others as they were named."""
    if not source.is_dated or STDIN in names or len(names) < 2:
        return list(names)
    first = {name: first_time_ms(name, source) for name in names}
    return sorted(names, key=lambda name: first[name] or 0)


def first_time_ms(name: str, source: Source) -> int | None:
    """The time of the first line that has one; None where none of the first lines has."""
    with open_log(name) as raw:
        source.begin_file(modified_ms(name))
        try:
            lines = whole_lines(content(raw), lambda _: None)
            for _, line in zip(range(LINES_TRIED), lines, strict=False):
                if (time_ms := source.time_ms(line.value)) is not None:
                    return time_ms
        except CUT_SHORT:
            return None  # told when its turn comes
    return None


def modified_ms(name: str) -> int:
    """When the file was last written to, in ms since the epoch."""
    return Path(name).stat().st_mtime_ns // 1_000_000


def size_of(names: Sequence[str]) -> int | None:
    """The bytes of all files together; None where one is stdin."""
    return None if STDIN in names else sum(Path(name).stat().st_size for name in names)
