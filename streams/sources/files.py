"""Opens mail logs: plain or compressed files, rotated ones in order of time, folders of messages."""

from __future__ import annotations

import bz2
import codecs
import io
import lzma
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, cast

from streams.errors import UsageError
from streams.sources.cut import cut, whole_lines
from streams.sources.record import RECORD_BYTES, Record
from streams.sources.source import Framing, Source

STDIN = "-"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF16_TRIED, UTF16_PAIRS = 256, 4
"""How many bytes are examined to recognise UTF-16 without a byte order mark, and the fewest pairs of bytes for that."""
UTF8_MARK = b"\xef\xbb\xbf"
CUT_SHORT = (EOFError, zlib.error, lzma.LZMAError, UnicodeError, OSError)
"""What reading raises where a file is truncated or its compression or encoding is damaged."""
LINES_TRIED = 200
CHUNK = 64 * 1024


class Problem(NamedTuple):
    """Something that was skipped. `number` is the line, 0 for the file as a whole; `detail` never quotes the file."""

    file: str
    number: int
    reason: str
    detail: str

    @property
    def place(self) -> str:
        """`file:line`, or the file alone, for messages."""
        return f"{self.file}:{self.number}" if self.number else self.file


OnProblem = Callable[[Problem], None]


def open_log(name: str) -> BinaryIO:
    """A file as it is on disk, for `content`. Raises UsageError where it can't be opened."""
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise UsageError(f"can't read {name}: {error.strerror}") from error


def content(raw: BinaryIO) -> io.BufferedReader:
    """The file's content, decompressed, and converted to UTF-8 where it is UTF-16, with byte order mark or without."""
    plain = decompressed(raw)
    start = plain.peek(UTF16_TRIED)[:UTF16_TRIED]
    if (encoding := _utf16(start)) is not None:
        return io.BufferedReader(_Utf8(plain, encoding), CHUNK)
    if start[:3] == UTF8_MARK:
        plain.read(3)
    return plain


def _utf16(start: bytes) -> str | None:
    """The encoding of a file with this beginning if it is UTF-16: without a mark, every other byte of words is 0."""
    if start[:2] in UTF16_MARKS:
        return "utf-16"
    pairs = len(start) // 2
    zeros = start[1 : 2 * pairs : 2].count(0), start[0 : 2 * pairs : 2].count(0)
    if pairs < UTF16_PAIRS or min(zeros) > 0:
        return None
    return "utf-16-le" if zeros[0] * 2 > pairs else "utf-16-be" if zeros[1] * 2 > pairs else None


class Decompressor(Protocol):
    """The interface of the decompressors of bz2 and lzma; `_Gzip` gives it to zlib's."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


DECOMPRESSORS: dict[bytes, Callable[[], Decompressor]] = {
    b"\x1f\x8b": _Gzip,
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lzma.LZMADecompressor,
}
"""Decompressors by the magic bytes at the beginning of a compressed file."""


class _Decompressed(io.RawIOBase):
    """Decompresses one stream after the other; all that is intact is returned before damage raises."""

    def __init__(self, file: io.BufferedReader, new: Callable[[], Decompressor]) -> None:
        self._file, self._new, self._inner = file, new, new()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed asks for any buffer
        while not (data := self._next(len(buffer))):
            if data is None:
                return 0
        buffer[: len(data)] = data
        return len(data)

    def _next(self, size: int) -> bytes | None:
        """Up to `size` bytes, perhaps none; None at the end."""
        if self._inner.eof:
            data = self._inner.unused_data or self._file.read(CHUNK)
            if not data.strip(b"\0"):
                return None
            self._inner = self._new()
            return self._inner.decompress(data, size)
        data = self._file.read(CHUNK) if self._inner.needs_input else b""
        if not data and self._inner.needs_input:
            raise EOFError("the compressed data is incomplete")
        return self._inner.decompress(data, size)


class _Utf8(io.RawIOBase):
    """Converts UTF-16 to UTF-8."""

    def __init__(self, file: io.BufferedReader, encoding: str) -> None:
        self._file, self._decoder = file, codecs.getincrementaldecoder(encoding)()
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed asks for any buffer
        while not self._left:
            data = self._file.read(CHUNK)
            self._left = self._decoder.decode(data, final=not data).encode(errors="surrogatepass")
            if not data:
                break
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def decompressed(raw: BinaryIO) -> io.BufferedReader:
    """The file's content; its compression is recognised by its first bytes. Damage raises CUT_SHORT."""
    file = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", raw))
    start = file.peek(6)[:6]
    for magic, new in DECOMPRESSORS.items():
        if start.startswith(magic):
            return io.BufferedReader(_Decompressed(file, new), CHUNK)
    return file


def records(
    name: str, framing: Framing, on_problem: OnProblem, on_progress: Callable[[int], None] = lambda _: None
) -> Iterator[Record]:
    """The records of one file. What can't be read is reported and skipped; where a file breaks off, the records before
    that are still returned.

    `on_progress` gets, now and then, the number of bytes of the file, compressed or not, that were read.
    """
    shown = "stdin" if name == STDIN else name
    with nullcontext(sys.stdin.buffer) if name == STDIN else open_log(name) as raw:

        def too_long(number: int) -> None:
            on_problem(Problem(shown, number, "too-long", f"The record is longer than {RECORD_BYTES // 1024} kB."))

        count = 0
        try:
            for count, record in enumerate(cut(content(raw), framing, too_long), start=1):
                if count % 1000 == 0 and name != STDIN:
                    on_progress(raw.tell())
                yield record
        except CUT_SHORT as error:
            noun = "record" if count == 1 else "records"
            detail = f"The file is truncated or damaged ({error}); {count:,} {noun} before that were read."
            on_problem(Problem(shown, 0, "cut-short", detail))


def expand(names: Sequence[str], framing: Framing) -> list[str]:
    """The files to read: for sources whose records are messages, a folder is replaced by its messages (Maildir, .eml).

    Raises UsageError for a name that is not a file, or where no file is left.
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
    """Whether the file is in `cur` or `new` of a Maildir, or its name ends in .eml."""
    return file.parent.name in ("cur", "new") or file.suffix.lower() == ".eml"


def in_order(names: Sequence[str], source: Source) -> list[str]:
    """Rotated files in the order of writing, by the time of their first line; others in the given order."""
    if not source.is_dated or STDIN in names or len(names) < 2:
        return list(names)
    first = {name: first_time_ms(name, source) for name in names}
    return sorted(names, key=lambda name: first[name] or 0)


def first_time_ms(name: str, source: Source) -> int | None:
    """The time, in ms since the epoch, of the first of LINES_TRIED lines that has one; None where none has."""
    with open_log(name) as raw:
        source.begin_file(modified_ms(name))
        try:
            lines = whole_lines(content(raw), lambda _: None)
            for _, line in zip(range(LINES_TRIED), lines, strict=False):
                if (time_ms := source.time_ms(line.value)) is not None:
                    return time_ms
        except CUT_SHORT:
            return None  # reported later, when the file itself is read
    return None


def modified_ms(name: str) -> int:
    """When the file was last modified, in ms since the epoch."""
    return Path(name).stat().st_mtime_ns // 1_000_000


def size_of(names: Sequence[str]) -> int | None:
    """The size of all files together in bytes; None where one is stdin."""
    return None if STDIN in names else sum(Path(name).stat().st_size for name in names)
