"""Cuts files into records with their line numbers; what is too long is reported and skipped, never kept in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BufferedReader
from typing import BinaryIO

from streams.sources.json_objects import json_objects
from streams.sources.record import RECORD_BYTES, OnTooLong, Record
from streams.sources.source import Framing

CHUNK_BYTES = 4096
"""How much of a file is examined to tell CSV from JSON."""


def cut(file: BufferedReader, framing: Framing, on_too_long: OnTooLong) -> Iterator[Record]:
    """The records of a file; blank ones are skipped."""
    if framing == "lines":
        return whole_lines(file, on_too_long)
    if framing == "rows":
        is_json = file.peek(CHUNK_BYTES).lstrip()[:1] in (b"{", b"[")
        return json_objects(file, on_too_long) if is_json else csv_rows(whole_lines(file, on_too_long), on_too_long)
    return message_headers(file, on_too_long, is_mbox=framing == "mbox")


def whole_lines(file: BinaryIO, on_too_long: OnTooLong) -> Iterator[Record]:
    """The lines of a file without their line ends; blank ones are skipped."""
    readline = file.readline
    number = 0
    while line := readline(RECORD_BYTES):
        number += 1
        if len(line) == RECORD_BYTES and line[-1] != 10:
            _skip_line(file)
            on_too_long(number)
        elif stripped := line.rstrip(b"\r\n"):
            yield Record(number, stripped)


def csv_rows(lines: Iterator[Record], on_too_long: OnTooLong) -> Iterator[Record]:
    """The rows of a CSV file: one with an odd number of quotes continues on the next line. A quote that is never closed
    loses the rows up to the limit, not the rest of the file."""
    begun: list[bytes] = []
    start = size = quotes = 0
    for number, value in lines:
        start = start if begun else number
        begun.append(value)
        size += len(value)
        quotes += value.count(b'"')
        if size > RECORD_BYTES:
            on_too_long(start)
            begun, size, quotes = [], 0, 0
        elif quotes % 2 == 0:
            yield Record(start, b"\n".join(begun))
            begun, size, quotes = [], 0, 0
    if begun:
        yield Record(start, b"\n".join(begun))


def message_headers(file: BinaryIO, on_too_long: OnTooLong, *, is_mbox: bool) -> Iterator[Record]:
    """The header of each message, up to its first blank line. In an mbox a message begins with a line of `From `, a
    sender and a date, at the file's start or after a blank line; that line is part of the record."""
    header: list[bytes] | None = [] if not is_mbox else None
    size = number = 0
    start, after_blank = 1, True
    while line := file.readline(RECORD_BYTES):
        number += 1
        is_whole = line.endswith(b"\n") or len(line) < RECORD_BYTES
        if not is_whole:
            _skip_line(file)
        if is_mbox and after_blank and _is_separator(line):
            header, size, start = [], 0, number
        after_blank = line in (b"\n", b"\r\n")
        if header is None:
            continue
        size += len(line)
        if after_blank:
            yield from _header(start, header)
            header = None
        elif size > RECORD_BYTES or not is_whole:
            on_too_long(start)
            header = None
        else:
            header.append(line)
        if header is None and not is_mbox:
            return
    if header is not None:
        yield from _header(start, header)


SEPARATOR_BYTES = 512
"""How much of a line is examined for a sender and a date: anybody may write a long line into a mail's body."""
_SEPARATOR = re.compile(rb"From \S++ .*?\d\d:\d\d.*\d{4}")


def _is_separator(line: bytes) -> bool:
    return line.startswith(b"From ") and _SEPARATOR.match(line[:SEPARATOR_BYTES]) is not None


def _header(start: int, lines: list[bytes]) -> Iterator[Record]:
    if lines:
        yield Record(start, b"".join(lines))


def _skip_line(file: BinaryIO) -> None:
    while (part := file.readline(RECORD_BYTES)) and part[-1] != 10:
        pass
