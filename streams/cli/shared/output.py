"""Writing results to stdout: JSON lines for programs, tables for people."""

from __future__ import annotations

import sys
from typing import Any

import orjson


def json_wanted(as_json: bool) -> bool:
    """Whether to write JSON lines: they were asked for, or stdout is not a terminal."""
    return as_json or not sys.stdout.isatty()


def write_json(value: Any) -> None:
    """Write a value (bytes are taken for JSON) as one line to stdout and flush.

    A terminal gets ASCII only, as the value may contain hostile mail data such as control sequences.
    """
    line = orjson.dumps(orjson.loads(value) if isinstance(value, bytes) else value)
    if sys.stdout.isatty():
        line = _ascii(line)
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _ascii(line: bytes) -> bytes:
    import json

    return json.dumps(orjson.loads(line)).replace("\x7f", "\\u007f").encode()
