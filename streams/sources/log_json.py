"""Log lines that were wrapped in JSON: by journald (`journalctl -o json`), Docker, or a shipper such as Filebeat."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

_TEXTS = ("MESSAGE", "log", "message", "msg", "line", "event.original", "data")
_PROGRAMS = ("SYSLOG_IDENTIFIER", "_COMM", "program", "programname", "PROGRAM", "appname", "app-name", "ident", "tag")
_HOSTS = ("_HOSTNAME", "hostname", "HOST", "host", "source")
_TIMES = ("@timestamp", "timestamp", "time", "ts", "timereported", "DATE", "date")
_MICROSECONDS = ("_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP")
_OF_CONTAINERS = frozenset({"CONTAINER_ID", "CONTAINER_NAME", "stream", "kubernetes", "container"})


class JsonLine(NamedTuple):
    """The parts of such a line, as in `LogLine`. `is_shipped` is whether it is a container's, so that the text may be a
    whole line again."""

    stamp: bytes
    host: bytes
    program: bytes
    text: bytes
    is_shipped: bool


def read_json_line(record: bytes) -> JsonLine | None:
    """The parts of a line in JSON; None where it is none."""
    try:
        row = orjson.loads(record)
    except orjson.JSONDecodeError:
        return None
    text = _text(row) if isinstance(row, dict) else None
    if text is None:
        return None
    process = row.get("process")
    program = _first(row, _PROGRAMS) or (_first(process, ("name",)) if isinstance(process, dict) else b"")
    program = program.partition(b"[")[0]
    return JsonLine(_stamp(row), _host(row), program, text, bool(_OF_CONTAINERS & row.keys()))


def _text(row: dict[str, Any]) -> bytes | None:
    """The line itself. Where it isn't UTF-8, journald writes it as a list of its bytes."""
    found = next((row[name] for name in _TEXTS if isinstance(row.get(name), str | list)), None)
    if isinstance(found, str):
        return found.rstrip("\r\n").encode(errors="replace")
    try:
        return None if found is None else bytes(found)
    except (TypeError, ValueError):
        return None


def _stamp(row: dict[str, Any]) -> bytes:
    """The time, in the form of `journalctl -o short-unix` where it is a number of microseconds."""
    us = next((row[name] for name in _MICROSECONDS if str(row.get(name, "")).isdecimal()), None)
    if us is None:
        return _first(row, _TIMES)
    return b"%d.%06d" % divmod(int(us), 1_000_000) if len(str(us)) < 20 else b""


def _host(row: dict[str, Any]) -> bytes:
    host = row.get("host")
    return _first(host, ("hostname", "name")) if isinstance(host, dict) else _first(row, _HOSTS)


def _first(row: dict[str, Any], names: tuple[str, ...]) -> bytes:
    found = (row[name] for name in names if isinstance(row.get(name), str | int | float))
    return str(next(found, "")).encode(errors="replace")
