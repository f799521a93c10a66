"""The beginning of a log line: when, on which host and by which program it was written, however it was collected.

Understood are syslog's formats (RFC 3164, RFC 5424, and what syslogds of BSD, Solaris and AIX make of them), journald's
(`journalctl -o json` and its `short` styles), and what containers put before a line: Docker, Compose, Kubernetes, and
shippers that wrap each line in JSON.

A line within a line is looked for only behind the mark of a container or a shipper: any other program may log what a
stranger sent it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from streams.sources.log_json import JsonLine, read_json_line
from streams.sources.stamp import STAMP

WRAPPINGS_ALLOWED = 4


class LogLine(NamedTuple):
    """The parts of a line. `stamp` is for `LogClock.ms`, `host` is empty where none is named, and so is `program` where
    a container or a shipper wrote down a line without one."""

    stamp: bytes
    host: bytes
    program: bytes
    text: bytes


_ID = rb"(?:\[[^\s\[\]]*+\])?"
_ORDINARY = re.compile(
    rb"(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*)"
    rb" (\S++(?<!:)) ([^\s\[\]:]++)%b: (.*)" % _ID,
    re.DOTALL,
)
_LEVEL = rb"(?:<?(?:[a-z]{3,8}\d?|\d{1,2})[.:](?:[a-z]{3,7}|\d)>? ++)?"
"""Facility and level, as syslogds of BSD, AIX and BusyBox write them: `<mail.info>`, `mail:info`, `mail.info`."""
_SYSLOG = re.compile(
    rb"(?:\d{1,6} )?(?:<\d{1,3}>)?(?P<stamp>%b):? ++%b(?:(?P<host>\S++)(?<!:) ++)?%b(?P<program>[^\s\[\]:|]++)%b:"
    rb"(?: (?P<text>.*))?" % (STAMP, _LEVEL, _LEVEL, _ID),
    re.DOTALL,
)
_DATA = rb'(?:-|(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*+")*+\])++)'
_RFC5424 = re.compile(
    rb"(?:\d{1,6} )?(?:<\d{1,3}>\d{1,2} )?(?P<stamp>%b) (?P<host>\S++) (?P<program>[^\s\[]++)%b (?:-|\d++) \S++ %b"
    rb"(?: ++(?:\xef\xbb\xbf)?(?P<text>.*))?" % (STAMP, _ID, _DATA),
    re.DOTALL,
)
_WITHOUT_TIME = re.compile(rb"([^\s\[\]:]++)\[\d++\]: (.*)", re.DOTALL)
_SOLARIS = re.compile(rb"\[ID \d++ [a-z0-9]++\.[a-z]++\] ")
_CONTAINER = re.compile(rb"(?P<stamp>%b) (?:std(?:out|err) [FP] |\{[^{}]*+\} )?(?P<text>.*)" % STAMP, re.DOTALL)
"""A line of Kubernetes (`stdout F`), of Loki, or of `docker logs -t`: the collector's time, and what was written."""
_PREFIX = re.compile(rb"(?:\[pod/[^\s\[\]]++\]|[\w.@/-]++ *+\|) (.*)", re.DOTALL)
"""What `docker compose logs` and `kubectl logs --prefix` write before a line."""
_COLOUR = re.compile(rb"\x1b\[[\d;]*+m")
_WRAPPER = re.compile(
    rb".*(?:docker|container|podman|conmon|compose|kube|k8s|mail|smtp|postfix|exim|mta)|[0-9a-f]{12}(?:[0-9a-f]{52})?\Z",
    re.IGNORECASE,
)
_DAEMON = re.compile(rb"(?!docker/)[^/]++/[a-z-]++(?:/[a-z-]++)?\Z|exim|sendmail|sm-mta")


def log_line(record: bytes) -> LogLine | None:
    """The parts of a line, the innermost where it was wrapped; None where it isn't a line of a log."""
    ordinary = _ORDINARY.fullmatch(record)
    if ordinary is None:
        return _wrapped(record)
    stamp, host, program, text = ordinary.groups()
    if program[:7] == b"postfix" and text[:1] != b"[":
        return LogLine(stamp, host, program, text)
    return _innermost(LogLine(stamp, host, program, text), 0)


def _wrapped(record: bytes, depth: int = 0) -> LogLine | None:
    if record[:1] == b"{":
        row = read_json_line(record)
        return None if row is None else _innermost_of_row(row, depth)
    if b"\x1b" in record:
        record = _COLOUR.sub(b"", record)
    if found := _PREFIX.fullmatch(record):
        return _inner(LogLine(b"", b"", b"", found[1]), depth)
    if found := _SYSLOG.fullmatch(record) or _RFC5424.fullmatch(record):
        host = b"" if found["host"] == b"-" else found["host"] or b""
        return _innermost(LogLine(found["stamp"], host, found["program"], found["text"] or b""), depth)
    if found := _CONTAINER.fullmatch(record):
        return _inner(LogLine(found["stamp"], b"", b"", found["text"]), depth)
    return None


def _innermost(line: LogLine, depth: int) -> LogLine:
    if found := _SOLARIS.match(line.text):
        line = line._replace(text=line.text[found.end() :])
    return _inner(line, depth) if is_wrapper(line.program) else line


def _innermost_of_row(row: JsonLine, depth: int) -> LogLine:
    line = LogLine(row.stamp, row.host, row.program, row.text)
    return _inner(line, depth) if row.is_shipped or not row.program else _innermost(line, depth)


def _inner(line: LogLine, depth: int) -> LogLine:
    """The line that is the text of this one. Where it has no time or no host of its own, it gets those around it."""
    inner = _wrapped(line.text, depth + 1) if depth < WRAPPINGS_ALLOWED else None
    if inner is not None and inner.program:
        return inner._replace(stamp=inner.stamp or line.stamp, host=inner.host or line.host)
    if found := _WITHOUT_TIME.fullmatch(line.text):
        return LogLine(line.stamp, line.host, found[1], found[2])
    return line


@lru_cache(1000)
def is_wrapper(program: bytes) -> bool:
    """Whether the program collects what others have written: a container's runtime, or a container named after mail."""
    return program in (b"", b"-") or (_WRAPPER.match(program) is not None and _DAEMON.match(program) is None)
