"""Builds mail events of what a log tells, within the bounds that the pipeline holds every event to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from streams.errors import UnreadableRecord
from streams.events.addresses import ADDRESS_LENGTH, AROUND, is_address, normalise_address
from streams.events.delivery import Delivery
from streams.events.mail import EARLIEST_MS, LATEST_MS, RECIPIENTS_ALLOWED, Attachment, Direction, MailEvent
from streams.events.reasons import Reason

MESSAGE_ID_LENGTH = 1024
LABEL_LENGTH = 256
LABELS_ALLOWED = 100
SETTLED: frozenset[Delivery] = frozenset({"delivered", "failed", "rejected"})
"""After these nothing more happens to a recipient."""


@dataclass(slots=True)
class Mail:
    """What a log tells of one message. `recipients` have the delivery status of each; `identity` tells the message
    from every other of this source, whatever its status."""

    identity: tuple[str, ...]
    time_ms: int
    sender: str
    recipients: Mapping[str, Delivery]
    message_id: str | None = None
    subject: str | None = None
    size: int | None = None
    attachments: list[Attachment] | None = None
    direction: Direction | None = None
    labels: Sequence[str] = field(default_factory=list)


def events_of(mail: Mail, source: str) -> Iterator[MailEvent]:
    """The mail as one event, or as several where it has more recipients than an event may.

    Recipients without a domain (local users) are left out; nothing comes of a mail without any other. An event's id
    is a digest of the mail's identity and of its recipients' statuses: the same whenever the same is told again.
    Raises UnreadableRecord where the sender or the time is none.
    """
    check_time(mail.time_ms)
    sender = mail.sender.strip(AROUND)
    if sender and (not is_address(sender) or len(sender) > ADDRESS_LENGTH):
        raise UnreadableRecord(Reason.BAD_ADDRESS, "The sender is not an address.")
    told = {to: status for to, status in mail.recipients.items() if is_address(to) and len(to) <= ADDRESS_LENGTH}
    statuses = iter(sorted(told.items()))
    while part := dict(islice(statuses, RECIPIENTS_ALLOWED)):
        yield MailEvent(
            id=f"{source[:256]}:{_digest(mail.identity, part)}",
            time=mail.time_ms,
            sender=sender,
            recipients=list(part),
            message_id=bracketed(mail.message_id),
            delivery=_joined(part),
            subject=mail.subject or None,
            size=mail.size,
            attachments=mail.attachments or None,
            direction=mail.direction,
            source=source,
            labels=[label[:LABEL_LENGTH] for label in mail.labels[:LABELS_ALLOWED] if label] or None,
        )


def check_time(time_ms: int) -> None:
    """Raises UnreadableRecord for a time that no mail event may have."""
    if not EARLIEST_MS <= time_ms < LATEST_MS:
        raise UnreadableRecord(Reason.TIME_OUT_OF_RANGE, "The time is before 1990 or after 2099.")


def bracketed(message_id: str | None) -> str | None:
    """A message id as RFC 5322 writes it, so that two logs name a mail alike; None where there is none."""
    bare = (message_id or "").strip().removeprefix("<").removesuffix(">")
    return f"<{bare}>" if bare and len(bare) < MESSAGE_ID_LENGTH - 1 else None


def later(known: Delivery | None, new: Delivery) -> Delivery:
    """What two statuses of a recipient come to, whatever the order in which they were read."""
    return known if known is not None and known in SETTLED and new not in SETTLED else new


def text_of(value: bytes) -> str:
    """A field of a log as text. Raises UnreadableRecord where it is not UTF-8."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise UnreadableRecord(Reason.NOT_UTF8, "The record is not UTF-8.") from None


def address_of(value: str) -> str:
    """An address without what stands around it; the domain in lower case, the local part as it is."""
    local, at, domain = value.strip(AROUND).rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _joined(statuses: Mapping[str, Delivery]) -> Delivery | dict[str, Delivery] | None:
    distinct = set(statuses.values())
    if distinct == {"unknown"}:
        return None
    return distinct.pop() if len(distinct) == 1 else dict(statuses)


def _digest(identity: Sequence[str], statuses: Mapping[str, Delivery]) -> str:
    told = [*identity, *(f"{normalise_address(to)} {status}" for to, status in statuses.items())]
    return hashlib.blake2b("\n".join(told).encode(errors="surrogatepass"), digest_size=16).hexdigest()
