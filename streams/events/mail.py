"""A mail event: one message that was handed to the mail system, without its body."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import attrgetter
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta
from msgspec.structs import force_setattr

from streams.errors import UnreadableRecord
from streams.events.addresses import (
    ADDRESS_LENGTH,
    AROUND,
    addresses_in,
    domain_of,
    is_plain,
    normalise_address,
    plain_domains,
)
from streams.events.decode_errors import DECODER_ERRORS, unreadable
from streams.events.delivery import Delivery
from streams.events.reasons import Reason
from streams.events.sender_tags import may_have_tag, original_sender

RECIPIENTS_ALLOWED = 10_000
EARLIEST_MS = 631_152_000_000
"""1990-01-01. Seconds since the epoch that are mistaken for milliseconds are before it."""
LATEST_MS = 4_102_444_800_000
"""2100-01-01, exclusive."""
AHEAD_ALLOWED_MS = 5 * 60 * 1000
"""Clocks differ; an event further ahead is wrong, and would advance the watermark past other events."""

AT_ONCE, BYTES_AT_ONCE = 32, 256 * 1024
"""Records that `decode_groups` checks at once: with more, one that needs a closer look costs that of many others. Those
that have more bytes together would hold the event loop for longer than it may be held: they are decoded one by one."""
_BACKSLASH = ord("\\")

Direction = Literal["outbound", "inbound", "internal"]
Bytes = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Address = Annotated[str, Meta(max_length=ADDRESS_LENGTH)]
Deliveries = Annotated[dict[Address, Delivery], Meta(max_length=RECIPIENTS_ALLOWED)]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Attachment(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The name and size in bytes of an attachment, as far as the mail system logs them."""

    name: str | None = None
    size: Bytes | None = None


class MailEvent(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One mail event; addresses are as the source wrote them. Texts that are published again have a length limit.

    `recipients` are those of the envelope, Cc and Bcc included; `delivery` is one status for all of them, or one by
    recipient; `size` is in bytes. Unknown fields are dropped.
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
        """The event's time in integer milliseconds since the epoch, rounded down."""
        return self.time if isinstance(self.time, int) else (self.time - _EPOCH) // _MILLISECOND

    @property
    def is_bounce(self) -> bool:
        """Whether the mail system itself sent the mail (an empty sender): bounces are not scored."""
        return "@" not in self.sender and not normalise_address(self.sender)

    @property
    def domains(self) -> set[str]:
        """The distinct domains of the recipients, lower case, otherwise as written."""
        return {domain_of(recipient) for recipient in self.recipients}


_decode = msgspec.json.Decoder(MailEvent).decode
_encode = msgspec.json.Encoder().encode
_sender, _recipients = attrgetter("sender"), attrgetter("recipients")


def encode(event: MailEvent) -> bytes:
    """The event as a value for mail.events."""
    return _encode(event)


def decode(value: bytes | None, *, now_ms: int | None) -> MailEvent:
    """Decode and check one record of mail.events. Raises UnreadableRecord and nothing else, whatever the bytes.

    `now_ms` is the current time, of which events may be at most AHEAD_ALLOWED_MS ahead; None to read history. The
    `time` of the returned event is integer milliseconds. If a field occurs twice the last one counts, as in most JSON
    parsers; two `recipients` are an error, since some recipients would not be scored. Addresses are returned without
    display names, angle brackets, comments, quotes and source routes around them, the sender without the tags of
    `sender_tags`. An empty message id is none.
    """
    if not value:
        raise UnreadableRecord(Reason.EMPTY, "The record has no value.")
    try:
        if not value.isascii():
            value.decode()  # the decoder does not check the strings of unknown fields
        event = _decode(value)
        if value.count(b'"recipients"') != 1 or b"\\u00" in value:  # a field's name may be written with escapes
            _check_single_recipients(value)
    except DECODER_ERRORS as error:
        raise unreadable(value, error) from None  # the decoder's message may quote the content
    return _checked(event, now_ms=now_ms)


class PlainEvents(NamedTuple):
    """Consecutive events whose addresses were all plain, and what a look at all of them together has found.

    `newest_ms` is the highest time. `sender_domains` are the domains of the senders that aren't empty, as those of
    bounces are; `recipient_domains` those of all recipients, event by event. Neither is normalised.
    """

    events: list[MailEvent]
    newest_ms: int
    has_bounces: bool
    sender_domains: set[str]
    recipient_domains: list[str]


class DecodedGroup(NamedTuple):
    """Some consecutive records, decoded; `begin` is the index of the first.

    `events` has of each the event, or why it is refused; `plain` is set where a look at all of them together shows that
    none is refused and all addresses are plain. Where it isn't, they are decoded one by one as they are taken, since
    reading other addresses, and the largest records, takes time.
    """

    begin: int
    events: Iterable[MailEvent | UnreadableRecord]
    plain: PlainEvents | None = None


def decode_groups(values: Sequence[bytes | None], *, now_ms: int | None) -> Iterator[DecodedGroup]:
    """What `decode` returns or raises for each of some records, in their order, by groups of AT_ONCE.

    Most records pass every check, which a look at many together shows at a fraction of the cost.
    """
    return (_decode_group(begin, values[begin : begin + AT_ONCE], now_ms) for begin in range(0, len(values), AT_ONCE))


def _decode_group(begin: int, values: Sequence[bytes | None], now_ms: int | None) -> DecodedGroup:
    events = _decoded_together(values)
    if events is None:
        return DecodedGroup(begin, _each(decode, values, now_ms))
    plain = _plain(events, now_ms)
    if plain is None:
        return DecodedGroup(begin, _each(_checked, events, now_ms))
    return DecodedGroup(begin, events, plain)


def _each(
    check: Callable[..., MailEvent], records: Iterable[Any], now_ms: int | None
) -> Iterator[MailEvent | UnreadableRecord]:
    for record in records:
        try:
            yield check(record, now_ms=now_ms)
        except UnreadableRecord as error:
            yield error


def _decoded_together(values: Sequence[bytes | None]) -> list[MailEvent] | None:
    """The events of records that all pass the checks of `decode` on their bytes; None where that isn't certain."""
    if not all(values) or sum(map(len, values)) > BYTES_AT_ONCE:  # type: ignore[arg-type]  # none of them is None
        return None
    together = b"\n".join(values)  # type: ignore[arg-type]  # none of them is None
    if _BACKSLASH in together and b"\\u00" in together:
        return None
    try:
        if not together.isascii():
            together.decode()
        events = list(map(_decode, values))  # type: ignore[arg-type]
    except DECODER_ERRORS:
        return None
    # Each has the field at least once, since it was decoded and its name can't be written with escapes.
    return events if together.count(b'"recipients"') == len(values) else None


def _plain(events: list[MailEvent], now_ms: int | None) -> PlainEvents | None:
    """These events, each of which is now as `_checked` returns it; None where that isn't certain. An empty sender is
    that of a bounce."""
    times = [event.time if isinstance(event.time, int) else _take_ms(event) for event in events]
    newest_ms = max(times)
    if min(times) < EARLIEST_MS or newest_ms >= LATEST_MS:
        return None
    if now_ms is not None and newest_ms > now_ms + AHEAD_ALLOWED_MS:
        return None
    senders = list(filter(None, map(_sender, events)))
    domains = plain_domains([*senders, *chain.from_iterable(map(_recipients, events))])
    if domains is None or "" in [each.message_id.strip(AROUND) for each in events if each.message_id is not None]:
        return None
    sender_domains = set(domains[: len(senders)])
    if may_have_tag("".join(senders)):
        for event in events:
            _take_original_sender(event)
        sender_domains = {sender[sender.rfind("@") + 1 :] for sender in filter(None, map(_sender, events))}
    return PlainEvents(events, newest_ms, len(senders) < len(events), sender_domains, domains[len(senders) :])


def _take_ms(event: MailEvent) -> int:
    """The event's time in ms, which it has as its `time` from now on."""
    time_ms = event.time_ms
    force_setattr(event, "time", time_ms)
    return time_ms


def _checked(event: MailEvent, *, now_ms: int | None) -> MailEvent:
    time = event.time if isinstance(event.time, int) else _take_ms(event)
    if not EARLIEST_MS <= time < LATEST_MS or (now_ms is not None and time > now_ms + AHEAD_ALLOWED_MS):
        raise _bad_time(time, now_ms)
    _normalise(event)
    return event


def _normalise(event: MailEvent) -> None:
    """Give addresses and message id their one form. Most have it, so that each check is a cheap one."""
    sender = event.sender
    if not is_plain(sender) and not event.is_bounce:
        detail = "`sender` is not an address; it is empty for a bounce."
        force_setattr(event, "sender", _addresses(sender, detail)[0])
    if event.message_id is not None and not event.message_id.strip(AROUND):
        force_setattr(event, "message_id", None)
    for recipient in event.recipients:
        if not is_plain(recipient):
            _normalise_recipients(event)
            break
    _take_original_sender(event)


def _take_original_sender(event: MailEvent) -> None:
    if may_have_tag(event.sender):
        force_setattr(event, "sender", original_sender(event.sender, event.recipients))


def _bad_time(time: int, now_ms: int | None) -> UnreadableRecord:
    if now_ms is None or not EARLIEST_MS <= time < LATEST_MS:
        detail = "`time` is before 1990 or after 2099; as a number it is milliseconds since the epoch."
        return UnreadableRecord(Reason.TIME_OUT_OF_RANGE, detail)
    detail = f"`time` is {(time - now_ms) // 1000} s ahead of the clock; {AHEAD_ALLOWED_MS // 1000} s are allowed."
    return UnreadableRecord(Reason.TIME_IN_FUTURE, detail)


def _addresses(text: str, detail: str) -> list[str]:
    addresses = addresses_in(text)
    if not addresses:
        raise UnreadableRecord(Reason.BAD_ADDRESS, detail)
    return addresses


def _normalise_recipients(event: MailEvent) -> None:
    detail = "One of `recipients` is not an address."
    recipients = [address for text in event.recipients for address in _addresses(text, detail)]
    if len(recipients) > RECIPIENTS_ALLOWED:
        raise UnreadableRecord(Reason.BAD_VALUE, f"`recipients` has more than {RECIPIENTS_ALLOWED:,} addresses.")
    force_setattr(event, "recipients", recipients)
    if isinstance(event.delivery, dict):
        statuses = {address: status for text, status in event.delivery.items() for address in addresses_in(text)}
        force_setattr(event, "delivery", statuses)


def _check_single_recipients(value: bytes) -> None:
    """Raise UnreadableRecord if the record has two `recipients` fields; the word may also occur elsewhere in it."""
    fields = json.loads(value, object_pairs_hook=list, parse_int=str, parse_float=str)
    if [name for name, _ in fields].count("recipients") > 1:
        raise UnreadableRecord(Reason.DUPLICATE_FIELD, "The field `recipients` occurs more than once.")
