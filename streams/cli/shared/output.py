"""Writing results to stdout: JSON lines for programs, tables for people."""

from __future__ import annotations

import io
import re
import sys
from typing import Any, BinaryIO, cast

import orjson


def json_wanted(as_json: bool) -> bool:
    """Whether to write JSON lines: they were asked for, or stdout is not a terminal."""
    return as_json or not sys.stdout.isatty()


def write_json(value: Any) -> None:
    """Write a value (bytes are taken for JSON) as one line to stdout and flush.

    A terminal gets ASCII only, as the value may contain hostile mail data such as control sequences.
    """
    out = json_stdout()
    out.write(orjson.dumps(orjson.loads(value) if isinstance(value, bytes) else value) + b"\n")
    out.flush()


def json_stdout() -> BinaryIO:
    """Stdout for whole lines of JSON, which reach a terminal in ASCII: anything else is written as `\\u202e`."""
    return cast("BinaryIO", _AsciiJson()) if sys.stdout.isatty() else sys.stdout.buffer


class _AsciiJson(io.RawIOBase):
    """Writes lines of JSON to stdout, with the escapes of JSON for what is not printable ASCII."""

    def write(self, line: bytes) -> int:  # type: ignore[override]  # typeshed asks for any buffer
        return sys.stdout.buffer.write(re.sub(r"[^\n -~]", _escaped, line.decode()).encode())

    def flush(self) -> None:
        sys.stdout.buffer.flush()


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
