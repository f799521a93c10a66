"""A mail event: one record of one message handed to the mail system. No body, ever."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import force_setattr

from streams.errors import UnreadableRecord
from streams.events.addresses import ADDRESS_LENGTH, ODD_END, domain_of, is_address, normalise_address
from streams.events.decode_errors import DECODER_ERRORS, unreadable
from streams.events.delivery import Delivery
from streams.events.reasons import Reason

RECIPIENTS_ALLOWED = 10_000
EARLIEST_MS = 631_152_000_000
"""1990-01-01. Seconds since the epoch, taken for milliseconds, fall before it."""
LATEST_MS = 4_102_444_800_000
"""2100-01-01, itself out of range."""
AHEAD_ALLOWED_MS = 5 * 60 * 1000
"""Clocks differ; an event that is dated further ahead is wrong, and would move the watermark past others."""

Direction = Literal["outbound", "inbound", "internal"]
Bytes = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Address = Annotated[str, Meta(max_length=ADDRESS_LENGTH)]
Deliveries = Annotated[dict[Address, Delivery], Meta(max_length=RECIPIENTS_ALLOWED)]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Attachment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the mail system tells of an attachment; `size` in bytes."""

    name: str | None = None
    size: Bytes | None = None


class MailEvent(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One mail event as it came; addresses are as the feed writes them. The texts that travel on have a bound each.

    `recipients` are the envelope's, Cc and Bcc included; `delivery` is one for all of them, or an object by recipient;
    `size` is bytes. Of a field that is unknown nothing is kept.
    """

    id: Annotated[str, Meta(min_length=1, max_length=512)]
    time: int | Annotated[datetime, Meta(tz=True)]
    sender: Address
    recipients: Annotated[list[Address], Meta(min_length=1, max_length=RECIPIENTS_ALLOWED)]
    message_id: Annotated[str, Meta(max_length=1024)] | None = None
    delivery: Delivery | Deliveries | None = None
    subject: str | None = None
    size: Bytes | None = None
    attachments: list[Attachment] | None = None
    direction: Direction | None = None
    source: Annotated[str, Meta(max_length=256)] | None = None
    labels: Annotated[list[Annotated[str, Meta(max_length=256)]], Meta(max_length=100)] | None = None

    @property
    def time_ms(self) -> int:
        """The event's time in integer milliseconds since the epoch; what is below a millisecond is cut off."""
        return self.time if isinstance(self.time, int) else (self.time - _EPOCH) // _MILLISECOND

    @property
    def is_bounce(self) -> bool:
        """Whether the mail system itself sent it (an empty sender): such mail is not scored."""
        return "@" not in self.sender and not normalise_address(self.sender)

    @property
    def domains(self) -> set[str]:
        """The distinct domains of the recipients, lower case, otherwise as written."""
        return {domain_of(recipient) for recipient in self.recipients}


_decode = msgspec.json.Decoder(MailEvent).decode
_encode = msgspec.json.Encoder().encode


def encode(event: MailEvent) -> bytes:
    """The event as a value for mail.events."""
    return _encode(event)


def decode(value: bytes | None, *, now_ms: int | None) -> MailEvent:
    """Reads and checks one record of mail.events; any bytes give an event or an `UnreadableRecord`, nothing else.

    `now_ms` is the present time, which events may not be far ahead of; None where history is read. The `time` of the
    event that is returned is integer milliseconds. Of a field that is there twice the last one counts, as most readers
    have it; two `recipients` are refused, since a part of them would go unseen.
    """
    if not value:
        raise UnreadableRecord(Reason.EMPTY, "The record has no value.")
    try:
        if not value.isascii():
            value.decode()  # the decoder does not look into the strings that it skips
        event = _decode(value)
        if value.count(b'"recipients"') != 1 or b"\\u00" in value:  # a name may be written with escapes
            _check_single_recipients(value)
    except DECODER_ERRORS as error:
        raise unreadable(value, error) from None  # the decoder's message may hold content
    time = event.time
    if not isinstance(time, int):
        time = (time - _EPOCH) // _MILLISECOND
        force_setattr(event, "time", time)
    if not EARLIEST_MS <= time < LATEST_MS or (now_ms is not None and time > now_ms + AHEAD_ALLOWED_MS):
        raise _bad_time(time, now_ms)
    sender = event.sender
    if ("@" not in sender or sender[-1] in ODD_END) and not event.is_bounce:
        _check_address(sender, "`sender` is not an address; it is empty for a bounce.")
    for recipient in event.recipients:
        if "@" not in recipient or recipient[-1] in ODD_END:
            _check_address(recipient, "One of `recipients` is not an address.")
    return event


def _bad_time(time: int, now_ms: int | None) -> UnreadableRecord:
    if now_ms is None or not EARLIEST_MS <= time < LATEST_MS:
        detail = "`time` is before 1990 or after 2099; as a number it is milliseconds since the epoch."
        return UnreadableRecord(Reason.TIME_OUT_OF_RANGE, detail)
    detail = f"`time` is {(time - now_ms) // 1000} s ahead of the clock; {AHEAD_ALLOWED_MS // 1000} s are allowed."
    return UnreadableRecord(Reason.TIME_IN_FUTURE, detail)


def _check_address(address: str, detail: str) -> None:
    if not is_address(address):
        raise UnreadableRecord(Reason.BAD_ADDRESS, detail)


def _check_single_recipients(value: bytes) -> None:
    """Looks for a second `recipients` in a record where the word stands more than once, in whatever place."""
    fields = json.loads(value, object_pairs_hook=list, parse_int=str, parse_float=str)
    if [name for name, _ in fields].count("recipients") > 1:
        raise UnreadableRecord(Reason.DUPLICATE_FIELD, "The field `recipients` is there more than once.")
