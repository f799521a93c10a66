"""Messages in mbox, Maildir and .eml files. Only headers are read; Bcc and every resending count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import ClassVar, NamedTuple

from streams.errors import UnreadableRecord
from streams.events.address_list import AddressReader
from streams.events.delivery import Delivery
from streams.events.mail import Direction, MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import LABELS_ALLOWED, Mail, address_of, bracketed, events_of
from streams.sources.headers import LABEL_HEADERS, Fields, decoded, read_fields
from streams.sources.own_clients import OwnClients
from streams.sources.source import Framing, Source

RECIPIENTS = ("to", "cc", "bcc")
_TRACE = frozenset({"received", "return-path", "delivered-to", "x-original-to"})
FIELDS_ALLOWED = 2_000
"""The most fields of a header: real ones have some hundred."""
LINES_ALLOWED = 60_000
"""The most line ends of a header, where CR LF are two: 25,000 recipients on lines of their own have 50,000."""
RESENDINGS_ALLOWED = 100
LABEL_READ = 512
"""How much of a label's field is decoded; fewer characters are kept."""
DATE_LENGTH = 100
RECEIVED_LENGTH = 2_000
_IP = re.compile(
    r"(?<![0-9A-Za-z.:-])(?:IPv6:)?([0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]{2,39}:[0-9A-Fa-f:.]{0,20})(?![0-9A-Za-z.:-])"
)
_BY = re.compile(r"\sby\s")
_LOGGED_IN = ("SMTPA", "SMTPSA", "HTTP", "HTTPS")
_PROTOCOL = re.compile(r"\swith\s+([A-Za-z0-9]+)")
_UTC_UNKNOWN = re.compile(r"\s-00:?00\b")
_FROM_LINE = re.compile(rb"From [^\n]*\n")


@dataclass
class Messages(Source):
    """Reads one message's header a record. A message names its recipients; whether it was delivered is unknown."""

    kind: ClassVar[str] = "eml"
    framing: ClassVar[Framing] = "message"

    def read(self, record: bytes) -> Iterable[MailEvent]:
        if found := _FROM_LINE.match(record):
            record = record[found.end() :]
        if record.count(b"\n") + record.count(b"\r") > LINES_ALLOWED:
            raise UnreadableRecord(Reason.BAD_VALUE, f"The header has more than {LINES_ALLOWED:,} lines.")
        fields = read_fields(record)
        if not fields:
            raise UnreadableRecord(Reason.BAD_VALUE, "This is not a message: it does not begin with a header.")
        if len(fields) > FIELDS_ALLOWED:
            raise UnreadableRecord(Reason.BAD_VALUE, f"The header has more than {FIELDS_ALLOWED:,} fields.")
        resent = list(islice(resent_blocks(fields), RESENDINGS_ALLOWED + 1))
        if len(resent) > RESENDINGS_ALLOWED:
            raise UnreadableRecord(Reason.BAD_VALUE, f"The message was resent more than {RESENDINGS_ALLOWED} times.")
        reader = _MessageReader(fields, self.own_clients, self.options.zone)
        return self._events(reader, [ResentBlock(len(fields), fields), *resent])

    def _events(self, reader: _MessageReader, blocks: list[ResentBlock]) -> Iterator[MailEvent]:
        """The events of the message itself and of its resendings. Raises the first error once the others were read."""
        error: UnreadableRecord | None = None
        count = 0
        for block in blocks:
            prefix = "" if block is blocks[0] else "resent-"
            try:
                mail = reader.mail(prefix, block.fields, reader.direction_at(block.at))
                count += mail is not None
                yield from events_of(mail, self.name) if mail is not None else ()
            except UnreadableRecord as one:
                error = error or one
        if error is not None:
            raise error
        if not count:
            self.skipped["messages without a recipient"] += 1


@dataclass
class Mbox(Messages):
    """Reads the messages of an mbox file."""

    kind: ClassVar[str] = "mbox"
    framing: ClassVar[Framing] = "mbox"


class ResentBlock(NamedTuple):
    """The fields of one resending; `at` is the index of the first one in the header."""

    at: int
    fields: Fields


def resent_blocks(fields: Fields) -> Iterator[ResentBlock]:
    """The Resent- fields of each resending, the latest first (RFC 5322, 3.6.6).

    Each resending has a block of fields; a repeated field, or a trace field in between, begins the next block.
    """
    block: Fields = []
    names: set[str] = set()
    start = 0
    for at, (name, value) in enumerate(fields):
        is_resent = name.startswith("resent-")
        if block and (name in _TRACE or (is_resent and name in names)):
            yield ResentBlock(start, block)
            block, names = [], set()
        if is_resent:
            start = at if not block else start
            block.append((name, value))
            names.add(name)
    if block:
        yield ResentBlock(start, block)


class _MessageReader:
    """Reads the mails of one header: the message itself and its resendings."""

    def __init__(self, fields: Fields, own_clients: OwnClients, zone: tzinfo) -> None:
        self._fields, self._zone = fields, zone
        self._addresses = AddressReader()
        self._outside_at = next((at for at, field in enumerate(fields) if _is_from_outside(field, own_clients)), None)
        self._is_bounce = any(name == "return-path" and value.strip() == "<>" for name, value in fields)
        self._subject = decoded(_value(fields, "subject") or "")
        labels = (decoded(value, LABEL_READ) for name, value in fields if name in LABEL_HEADERS)
        self._labels = list(islice(labels, LABELS_ALLOWED))

    def direction_at(self, at: int) -> Direction | None:
        """Inbound where the field at this index was there when the message came in: a stranger may have written it."""
        return "inbound" if self._outside_at is not None and self._outside_at < at else None

    def mail(self, prefix: str, block: Fields, direction: Direction | None) -> Mail | None:
        """The mail that a block of fields describes; None where it names no recipient."""
        recipients = [to for name in RECIPIENTS for to in self._read(block, prefix + name)]
        if not recipients:
            return None
        senders = self._read(block, f"{prefix}from") or self._read(block, f"{prefix}sender")
        message_id = bracketed(_value(block, f"{prefix}message-id"))
        time_ms = _time(_value(block, f"{prefix}date"), self._zone)
        sender = senders[0] if senders and not self._is_bounce else ""
        original = _value(self._fields, "message-id") or ""
        statuses: dict[str, Delivery] = dict.fromkeys(recipients, "unknown")
        return Mail(
            ("message", prefix, message_id or original, sender, str(time_ms)),
            time_ms,
            sender,
            statuses,
            message_id=message_id,
            subject=self._subject,
            direction=direction,
            labels=self._labels,
        )

    def _read(self, block: Fields, name: str) -> list[str]:
        return [address_of(to) for field, value in block if field == name for to in self._addresses.read(value)]


def _is_from_outside(field: tuple[str, str], own_clients: OwnClients) -> bool:
    """Whether it is the field that a server of the organisation wrote when it received the message from a stranger.

    The servers write these fields above all that came with the message. Between `from` and `by` are the client's helo
    and its address; a login is shown by the protocol (RFC 3848).
    """
    name, value = field
    if name != "received":
        return False
    client, *rest = _BY.split(value[:RECEIVED_LENGTH], maxsplit=1)
    protocol = _PROTOCOL.search(rest[0]) if rest else None
    if protocol is not None and protocol[1].upper().endswith(_LOGGED_IN):
        return False
    return any(own_clients.is_outside(address) for address in _IP.findall(client))


def _value(fields: Fields, name: str) -> str | None:
    return next((value for field, value in fields if field == name), None)


def _time(date: str | None, zone: tzinfo) -> int:
    """The time in ms since the epoch. One without an offset, or of a zone whose name is not known, is in `zone`; the
    offset `-0000` stands for UTC (RFC 5322, 3.3)."""
    try:
        text = (date or "")[:DATE_LENGTH]
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC if _UTC_UNKNOWN.search(text) else zone)
        return int(moment.timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        raise UnreadableRecord(Reason.BAD_VALUE, "The message has no readable date.") from None
