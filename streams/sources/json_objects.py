"""Splits JSON into its objects without loading the file: JSON lines, an array, or envelopes such as
`{"value": [...]}` (Graph), `items` (Google), `rows` (BigQuery), `records` (Event Hubs), `results` (Defender)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from streams.sources.record import RECORD_BYTES, OnTooLong, Record

CHUNK_BYTES = 256 * 1024
_MARK = re.compile(rb'[\\"{}\[]')
ENVELOPE_BYTES = 64
"""How much before a bracket is examined for `"value":`."""
_NAMES = rb'"(?:value|items|rows|records|[rR]esults)"\s*:\s*'
_ENVELOPE, _ENVELOPE_WITHIN = re.compile(_NAMES + rb"\Z"), re.compile(_NAMES + rb"\[")
_SCHEMA = re.compile(rb'"schema"\s*:\s*\{')


def json_objects(file: BinaryIO, on_too_long: OnTooLong) -> Iterator[Record]:
    """The objects of a file, found by their braces; they are not parsed, so they may turn out not to be JSON."""
    splitter, number = _Splitter(on_too_long), 1
    while text := file.readline(CHUNK_BYTES):
        is_whole_line = text.endswith(b"\n") or len(text) < CHUNK_BYTES
        if is_whole_line and not splitter.is_inside and _is_one_object(text):
            yield Record(number, text.strip())
        else:
            yield from splitter.feed(text, number)
        number += text.endswith(b"\n")
    yield from splitter.end()


def _is_one_object(line: bytes) -> bool:
    """Whether the line looks like a whole object, as in JSON lines, so that no search for braces is needed."""
    bare = line.strip()
    return bare.startswith(b"{") and bare.endswith(b"}") and not _ENVELOPE_WITHIN.search(bare)


class _Splitter:
    """Finds braces outside strings. An opening bracket after `"value":` shows that the object around it is an envelope:
    it is dropped, unless it has a `schema`, which names the values in its rows."""

    def __init__(self, on_too_long: OnTooLong) -> None:
        self._on_too_long = on_too_long
        self._kept = bytearray()
        self._start = 1
        self._depth = 0
        self._in_string = self._is_escaped = self._is_too_long = False

    @property
    def is_inside(self) -> bool:
        """Whether an object has begun and is not complete."""
        return self._depth > 0

    def feed(self, text: bytes, number: int) -> Iterator[Record]:
        """The objects that end in this part of line `number`."""
        begin = 0
        skip_to = 1 if self._is_escaped else 0
        self._is_escaped = False
        for mark in _MARK.finditer(text):
            at, character = mark.start(), mark[0]
            if at < skip_to:
                continue
            if self._in_string:
                skip_to = at + 2 if character == b"\\" else skip_to
                self._in_string = character != b'"'
            elif character == b'"':
                self._in_string = self._depth > 0
            elif character == b"{":
                begin = self._open(at, begin, number)
            elif character == b"}" and self._depth:
                self._depth -= 1
                if self._depth == 0:
                    yield from self._finish(text[begin : at + 1])
            elif (
                character == b"[" and self._depth == 1 and self._is_envelope(text[max(begin, at - ENVELOPE_BYTES) : at])
            ):
                yield from self._enter(text[begin:at])
        self._is_escaped = skip_to > len(text)
        if self._depth:
            self._keep(text[begin:])

    def _enter(self, text: bytes) -> Iterator[Record]:
        """Leave an envelope's beginning behind, of which `text` is the end: what is in it are objects of their own."""
        head = _ENVELOPE.sub(b"", bytes(self._kept) + text).rstrip().removesuffix(b",")
        if not self._is_too_long and _SCHEMA.search(head):
            yield Record(self._start, head + b"}")
        self._depth = 0
        self._kept.clear()

    def _is_envelope(self, before: bytes) -> bool:
        """Whether a bracket after this text opens an envelope's array."""
        kept = self._kept[-(ENVELOPE_BYTES - len(before)) :] if len(before) < ENVELOPE_BYTES else b""
        return _ENVELOPE.search(kept + before) is not None

    def end(self) -> Iterator[Record]:
        """An incomplete object at the end of the file, which whoever parses it will report."""
        if self._depth and not self._is_too_long:
            yield Record(self._start, bytes(self._kept))

    def _open(self, at: int, begin: int, number: int) -> int:
        self._depth += 1
        if self._depth > 1:
            return begin
        self._start, self._is_too_long = number, False
        return at

    def _keep(self, text: bytes) -> None:
        if self._is_too_long:
            return
        self._kept += text
        if len(self._kept) > RECORD_BYTES:
            self._is_too_long = True
            self._kept.clear()
            self._on_too_long(self._start)

    def _finish(self, text: bytes) -> Iterator[Record]:
        self._keep(text)
        if not self._is_too_long:
            yield Record(self._start, bytes(self._kept))
        self._kept.clear()
