"""Typo hits (one mail event x one mistaken domain), and the ticks (watermark messages) between them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from streams.errors import UnreadableRecord
from streams.events.asked import AskedOutcome
from streams.events.decode_errors import DECODER_ERRORS, unreadable
from streams.events.delivery import Delivery
from streams.events.dns_facts import DnsFacts
from streams.events.mistaken_domain import MistakenDomain
from streams.events.reasons import Reason
from streams.events.remembered import Remembered

RECIPIENTS_KEPT = 100
"""The most recipients that a hit names; `recipient_count` counts all of them."""

HIT_VERSION = 2
"""The version of the hits that are written; one without a version has version 1, without `memory`, `dns` and place."""

HitKind = Literal["certain", "uncertain", "all"]
"""Which hits a rule counts."""

Text = Annotated[str, Meta(min_length=1)]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Milliseconds = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]


class TypoHit(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A typo hit. A repeated mail event gives the same hit but for its place, unless the watchlist has changed.

    `time` is the event's, in integer milliseconds since the epoch. `recipients` are those at the mistaken domain, and
    `delivery` is one status for all of them. `sender` and `recipients` are masked according to the privacy settings;
    `sender_digest` is the HMAC of the normalised sender (32 hex digits), whatever those settings. `group` is the group
    of the watched domain; `listed` means that the watchlist has the domain as a known mistake. `domains_over_limit`
    counts the mistaken domains of the event for which there is no hit, since it has more than a hundred. `partition`
    and `offset` are those of the event in mail.events. `memory` is what was known before the day of the mail; None
    where there is no memory, or the event has more than a hundred doubted domains. `dns` is what DNS says of the
    domain; None where it wasn't asked, or gave no usable reply in time. `asked` is what came of its question,
    where the gate refused the mail.
    """

    id: Text
    event_id: Text
    time: Milliseconds
    sender: str
    domain: Text
    intended: Text
    recipients: Annotated[list[str], Meta(min_length=1, max_length=RECIPIENTS_KEPT)]
    recipient_count: Annotated[int, Meta(ge=1)]
    score: Annotated[float, Meta(ge=0, le=1)]
    certain: bool
    slip: Text
    explanation: str
    sender_digest: Text
    delivery: Delivery = "unknown"
    message_id: str | None = None
    labels: list[str] = []
    size: Count | None = None
    attachment_count: Count | None = None
    source: str | None = None
    subject: str | None = None
    group: str | None = None
    listed: bool = False
    domains_over_limit: Count = 0
    version: Annotated[int, Meta(ge=1)] = 1
    partition: Count | None = None
    offset: Count | None = None
    memory: Remembered | None = None
    dns: DnsFacts | None = None
    asked: AskedOutcome | None = None

    @property
    def mail(self) -> str:
        """The id by which mails are counted: the message id, or the event's id if there is none."""
        return self.message_id or self.event_id

    def is_of_kind(self, kind: HitKind) -> bool:
        """Whether a rule that counts hits of this kind counts this one."""
        return kind == "all" or self.certain == (kind == "certain")

    @property
    def mistaken_domain(self) -> MistakenDomain:
        """The hit's mistaken domain, with its verdict; without what raises a severity where the gate refused it."""
        return MistakenDomain(
            domain=self.domain,
            intended=self.intended,
            slip=self.slip,
            explanation=self.explanation,
            score=self.score,
            certain=self.certain,
            listed=self.listed and self.asked is None,
            groups=(self.group,) if self.group and self.asked is None else (),
            memory=self.memory,
            dns=self.dns,
        )


class Tick(msgspec.Struct, frozen=True, gc=False):
    """A watermark message: the progress of one worker's source partitions, sent to each partition of the hit topics.

    `tick` maps a partition of mail.events to integer milliseconds since the epoch, and is empty in a probe for the
    broker's time; `of` is the number of partitions of mail.events.
    """

    tick: dict[str, Milliseconds]
    of: Annotated[int, Meta(ge=1)]

    def until(self, present_ms: int) -> Tick:
        """This message without the progress beyond `present_ms`: no partition is complete up to a time to come."""
        if all(time_ms <= present_ms for time_ms in self.tick.values()):
            return self
        return Tick({partition: time_ms for partition, time_ms in self.tick.items() if time_ms <= present_ms}, self.of)


_decode_hit = msgspec.json.Decoder(TypoHit).decode
_decode_tick = msgspec.json.Decoder(Tick).decode
_encode = msgspec.json.Encoder().encode
_TICK_START = b'{"tick"'


def encode_hit(hit: TypoHit) -> bytes:
    """The hit as a value for the hit topics."""
    return _encode(hit)


def encode_tick(tick: Tick) -> bytes:
    """The tick as a value for the hit topics."""
    return _encode(tick)


def decode_hit_or_tick(value: bytes | None) -> TypoHit | Tick:
    """The content of one record of a hit topic; a tick's first field is `tick`. Raises UnreadableRecord."""
    if not value:
        raise UnreadableRecord(Reason.EMPTY, "The record has no value.")
    try:
        return _decode_tick(value) if value.startswith(_TICK_START) else _decode_hit(value)
    except DECODER_ERRORS as error:
        raise unreadable(value, error) from None  # the decoder's message may quote the content
