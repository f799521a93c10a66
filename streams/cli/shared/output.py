"""Where a command writes: JSON lines for other programs, tables for people."""

from __future__ import annotations

import sys
from typing import Any

import orjson


def json_wanted(as_json: bool) -> bool:
    """Whether to write JSON lines: asked for, or nobody looks at stdout."""
    return as_json or not sys.stdout.isatty()


def write_json(value: Any) -> None:
    """One value (bytes are JSON already) on one line of stdout, at once; a terminal gets ASCII alone.

    That is because the value may hold mail data, which may be hostile.
    """
    line = orjson.dumps(orjson.loads(value) if isinstance(value, bytes) else value)
    if sys.stdout.isatty():
        line = _ascii(line)
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _ascii(line: bytes) -> bytes:
    import json

    return json.dumps(orjson.loads(line)).replace("\x7f", "\\u007f").encode()
