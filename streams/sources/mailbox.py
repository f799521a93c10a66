"""Messages in mbox, Maildir and .eml files. Only headers are read; Bcc and every resending count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime
from typing import ClassVar

from streams.errors import UnreadableRecord
from streams.events.delivery import Delivery
from streams.events.mail import MailEvent
from streams.events.reasons import Reason
from streams.sources.build_event import Mail, address_of, bracketed, events_of
from streams.sources.headers import LABEL_HEADERS, decoded
from streams.sources.source import Framing, Source

Fields = list[tuple[str, str]]
RECIPIENTS = ("to", "cc", "bcc")
_TRACE = frozenset({"received", "return-path", "delivered-to", "x-original-to"})
_FROM_LINE = re.compile(rb"From [^\n]*\n")


@dataclass
class Messages(Source):
    """Reads one message's header a record. A message names its recipients; whether it was delivered is unknown."""

    kind: ClassVar[str] = "eml"
    framing: ClassVar[Framing] = "message"

    def read(self, record: bytes) -> Iterable[MailEvent]:
        if found := _FROM_LINE.match(record):
            record = record[found.end() :]
        fields = _fields(record)
        if not fields:
            raise UnreadableRecord(Reason.BAD_VALUE, "This is not a message: it does not begin with a header.")
        blocks = [("", fields), *(("resent-", block) for block in resent_blocks(fields))]
        mails = [mail for prefix, block in blocks if (mail := _mail(prefix, block, fields)) is not None]
        if not mails:
            self.skipped["messages without a recipient"] += 1
        return [event for mail in mails for event in events_of(mail, self.name)]


@dataclass
class Mbox(Messages):
    """Reads the messages of an mbox file."""

    kind: ClassVar[str] = "mbox"
    framing: ClassVar[Framing] = "mbox"


def resent_blocks(fields: Fields) -> Iterator[Fields]:
    """The Resent- fields of each resending, the latest first (RFC 5322, 3.6.6).

    Each resending has a block of fields; a repeated field, or a trace field in between, begins the next block.
    """
    block: Fields = []
    for name, value in fields:
        is_resent = name.startswith("resent-")
        if block and (name in _TRACE or (is_resent and name in dict(block))):
            yield block
            block = []
        if is_resent:
            block.append((name, value))
    if block:
        yield block


def _mail(prefix: str, block: Fields, fields: Fields) -> Mail | None:
    recipients = [to for name in RECIPIENTS for to in _addresses(block, prefix + name)]
    if not recipients:
        return None
    is_bounce = any(name == "return-path" and value.strip() == "<>" for name, value in fields)
    senders = [] if is_bounce else _addresses(block, f"{prefix}from") or _addresses(block, f"{prefix}sender")
    message_id = bracketed(_value(block, f"{prefix}message-id"))
    time_ms = _time(_value(block, f"{prefix}date"))
    sender = senders[0] if senders else ""
    original = _value(fields, "message-id") or ""
    statuses: dict[str, Delivery] = dict.fromkeys(recipients, "unknown")
    return Mail(
        ("message", prefix, message_id or original, sender, str(time_ms)),
        time_ms,
        sender,
        statuses,
        message_id=message_id,
        subject=decoded(_value(fields, "subject") or ""),
        labels=[decoded(value) for name, value in fields if name in LABEL_HEADERS],
    )


def _fields(record: bytes) -> Fields:
    """Names in lower case and unfolded values; bytes beyond ASCII are read as UTF-8, invalid ones become U+FFFD."""
    message = BytesHeaderParser().parsebytes(record)
    return [(name.lower(), _as_text(str(value))) for name, value in message.raw_items()]


def _as_text(value: str) -> str:
    unfolded = value.replace("\r", "").replace("\n", "")
    return unfolded.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _addresses(fields: Fields, name: str) -> Sequence[str]:
    values = [value for field, value in fields if field == name]
    return [address_of(address) for _, address in getaddresses(values) if "@" in address]


def _value(fields: Fields, name: str) -> str | None:
    return next((value for field, value in fields if field == name), None)


def _time(date: str | None) -> int:
    try:
        return int(parsedate_to_datetime(date or "").timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        raise UnreadableRecord(Reason.BAD_VALUE, "The message has no readable date.") from None
