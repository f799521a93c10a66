"""Zeek's smtp.log, as TSV with Zeek's own header or as JSON lines. Fields follow Zeek's SMTP::Info."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, events_of, text_of
from streams.sources.headers import decoded
from streams.sources.rows import json_object, moment_ms, text_in
from streams.sources.source import Source

_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})")
_DIGITS = "0123456789abcdefABCDEF"
_BYTES = {(high + low).encode(): bytes([int(high + low, 16)]) for high in _DIGITS for low in _DIGITS}
_CONTENT = ("date", "from", "to", "cc", "msg_id", "subject", "fuids", "first_received")
"""Fields of a mail's header: an envelope that was given up before DATA has none."""
_GIVEN_UP = re.compile(r"221|250 (?:2\.0\.0 )?(?:re-?set|flush|ok\Z)", re.IGNORECASE)
"""The last reply to an envelope that was given up: to QUIT, or to RSET."""
_LISTS = frozenset({"rcptto", "to", "cc"})


@dataclass
class Zeek(Source):
    """Reads one SMTP transaction a line. A sensor can't see mail inside TLS: such lines are counted as skipped."""

    kind: ClassVar[str] = "zeek"
    record_bytes: ClassVar[int] = 256 * 1024

    def __post_init__(self) -> None:
        self._separator, self._within, self._empty, self._unset = b"\t", b",", b"(empty)", b"-"
        self._fields: list[str] = []

    def read(self, record: bytes) -> Iterable[MailEvent]:
        if record.startswith(b"#"):
            self._directive(record)
            return ()
        row = _json_row(record) if record.startswith(b"{") else self._row(record)
        sender, recipients = row.get("mailfrom"), row.get("rcptto")
        if not isinstance(recipients, list) or not recipients or sender is None:
            is_tls = row.get("tls") in (True, "T")
            self.skipped["transactions inside TLS" if is_tls else "transactions without a recipient"] += 1
            return ()
        reply = text_in(row, "last_reply")
        if _GIVEN_UP.match(reply) and not any(row.get(name) for name in _CONTENT):
            self.skipped["envelopes that were given up before DATA"] += 1
            return ()
        status = _delivery(reply)
        mail = Mail(
            ("zeek", text_in(row, "uid"), text_in(row, "trans_depth")),
            _time(row),
            address_of(str(sender)),
            {address_of(str(address)): status for address in recipients},
            message_id=text_in(row, "msg_id"),
            subject=decoded(text_in(row, "subject")),
            direction=self.own_clients.direction_of(text_in(row, "id.orig_h"), text_in(row, "id.resp_h")),
        )
        return events_of(mail, self.name)

    def state(self) -> bytes | None:
        """The names of the fields, which are only in the header of a file."""
        return "\n".join(self._fields).encode()

    def resume(self, state: bytes) -> None:
        self._fields = state.decode().split("\n") if state else []

    def _directive(self, record: bytes) -> None:
        name, _, value = record.partition(b" " if record.startswith(b"#separator") else self._separator)
        if name == b"#separator":
            self._separator = _unescaped(value) or b"\t"
        elif name == b"#set_separator":
            self._within = value or b","
        elif name == b"#empty_field":
            self._empty = value
        elif name == b"#unset_field":
            self._unset = value
        elif name == b"#fields":
            self._fields = text_of(value).split(self._separator.decode("latin-1"))

    def _row(self, record: bytes) -> dict[str, Any]:
        cells = record.split(self._separator)
        if not self._fields:
            raise UnreadableRecord(Reason.BAD_VALUE, "There is no #fields line before this one.")
        if len(cells) != len(self._fields):
            detail = f"The line has {len(cells)} fields, #fields lists {len(self._fields)}."
            raise UnreadableRecord(Reason.BAD_VALUE, detail)
        pairs = zip(self._fields, cells, strict=True)
        return {name: self._value(name, cell) for name, cell in pairs if cell != self._unset}

    def _value(self, name: str, cell: bytes) -> str | list[str]:
        if cell == self._empty:
            return [] if name in _LISTS else ""
        return self._list(cell) if name in _LISTS else text_of(_unescaped(cell))

    def _list(self, cell: bytes) -> list[str]:
        """The parts of a list, each once. Where none has the separator in it, all are decoded at once: a line may have
        100,000 parts."""
        whole, separator = _unescaped(cell), self._within
        if separator.isascii() and whole.count(separator) == cell.count(separator):
            parts = text_of(whole).split(separator.decode("ascii"))
        else:
            parts = [text_of(_unescaped(part)) for part in dict.fromkeys(cell.split(separator))]
        return [part for part in dict.fromkeys(parts) if part]


def _json_row(record: bytes) -> dict[str, Any]:
    """A row in JSON, where Zeek writes a byte that is not UTF-8 as `\\xdf`."""
    row = json_object(record)
    if b"\\\\x" not in record:
        return row
    return {
        name: text_of(_unescaped(value.encode(errors="replace"))) if isinstance(value, str) else value
        for name, value in row.items()
    }


def _unescaped(value: bytes) -> bytes:
    if b"\\x" not in value:
        return value
    return _ESCAPE.sub(lambda found: _BYTES[found[1]], value)


def _time(row: dict[str, Any]) -> int:
    """The transaction's time in ms since the epoch, from seconds or (LogAscii::json_timestamps) from ISO 8601."""
    text = text_in(row, "ts")
    try:
        return int(float(text) * 1000)
    except (ValueError, OverflowError):
        return moment_ms(text)


def _delivery(last_reply: str) -> Delivery:
    """The delivery status by the server's last reply: 250 means accepted; 221 only ends the session."""
    replies: dict[str, Delivery] = {"250": "delivered"}
    kinds: dict[str, Delivery] = {"4": "deferred", "5": "rejected"}
    return replies.get(last_reply[:3]) or kinds.get(last_reply[:1], "unknown")
