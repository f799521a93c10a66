"""Builds mail events from the content of a log, within the bounds that the pipeline sets for every event."""

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
from streams.events.sender_tags import original_sender

MESSAGE_ID_LENGTH = 1024
SIZE_DIGITS = 15
"""The most digits of a size in bytes that an event may have."""
LABEL_LENGTH = 256
LABELS_ALLOWED = 100
SETTLED: frozenset[Delivery] = frozenset({"delivered", "failed", "rejected"})
"""Final delivery statuses: nothing more happens to the recipient after one of these."""


@dataclass(slots=True)
class Mail:
    """What a log contains about one message. `recipients` maps each address to its delivery status; `identity`
    distinguishes the message from every other of this source, whatever its status."""

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

    Recipients without a domain (local users) are left out; a mail that has no other recipients gives no event. An
    event's id is a digest of the mail's identity and of its recipients' statuses, so reading the same log again gives
    the same ids. Raises UnreadableRecord where `check_mail` does.
    """
    check_mail(mail)
    valid = {to: status for to, status in mail.recipients.items() if is_address(to) and len(to) <= ADDRESS_LENGTH}
    statuses = iter(sorted(valid.items()))
    while part := dict(islice(statuses, RECIPIENTS_ALLOWED)):
        yield MailEvent(
            id=f"{source[:256]}:{_digest(mail.identity, part)}",
            time=mail.time_ms,
            sender=original_sender(mail.sender.strip(AROUND), list(part)),
            recipients=list(part),
            message_id=bracketed(mail.message_id),
            delivery=_delivery(part),
            subject=mail.subject or None,
            size=mail.size,
            attachments=mail.attachments or None,
            direction=mail.direction,
            source=source,
            labels=[label[:LABEL_LENGTH] for label in mail.labels[:LABELS_ALLOWED] if label] or None,
        )


def check_mail(mail: Mail) -> None:
    """Raises UnreadableRecord where the sender, every recipient or the time is invalid.

    A source that joins records calls it, or what it calls, for each: so an error is reported where it is, and no mail
    is lost for another's."""
    check_time(mail.time_ms)
    check_sender(mail.sender)
    if mail.recipients and all(len(to) > ADDRESS_LENGTH for to in mail.recipients):
        raise _too_long()


def check_sender(sender: str) -> None:
    """Raises UnreadableRecord for what is no address, and no bounce's empty sender either."""
    bare = sender.strip(AROUND)
    if bare and (not is_address(bare) or len(bare) > ADDRESS_LENGTH):
        raise UnreadableRecord(Reason.BAD_ADDRESS, "The sender is not an address.")


def check_time(time_ms: int) -> None:
    """Raises UnreadableRecord for a time that no mail event may have."""
    if not EARLIEST_MS <= time_ms < LATEST_MS:
        raise UnreadableRecord(Reason.TIME_OUT_OF_RANGE, "The time is before 1990 or after 2099.")


def bracketed(message_id: str | None) -> str | None:
    """A message id in the angle brackets of RFC 5322, so that all logs give a mail the same id; None without an id.
    One that is too long for an event is replaced by its digest."""
    bare = (message_id or "").strip().removeprefix("<").removesuffix(">").strip()
    if len(bare) + 2 > MESSAGE_ID_LENGTH:
        bare = hashlib.blake2b(bare.encode(errors="surrogatepass"), digest_size=16).hexdigest() + "@too-long"
    return f"<{bare}>" if bare else None


def later(known: Delivery | None, new: Delivery) -> Delivery:
    """The later of two statuses of a recipient: `new`, unless only `known` is final; lines may be read out of order."""
    return known if known is not None and known in SETTLED and new not in SETTLED else new


def text_of(value: bytes) -> str:
    """A field of a log, decoded. What is not UTF-8 becomes U+FFFD: a subject in another encoding loses no mail."""
    return value.decode(errors="replace")


def size_of(digits: bytes) -> int | None:
    """A size in bytes; None for one that no mail has: a damaged line's, which an event may not have either."""
    return int(digits) if len(digits) <= SIZE_DIGITS else None


def address_of(value: str) -> str:
    """An address without surrounding blanks and angle brackets, its domain in lower case, its local part unchanged."""
    local, at, domain = value.strip(AROUND).rpartition("@")
    return f"{local}{at}{domain.lower()}"


def sender_of(value: bytes) -> str:
    """The sender in a field of a log, empty for a bounce. Raises UnreadableRecord where it is no address."""
    sender = address_of(text_of(value))
    check_sender(sender)
    return sender


def recipient_of(value: bytes) -> str:
    """The recipient in a field of a log: an address, or a local user. Raises UnreadableRecord where it is too long."""
    recipient = address_of(text_of(value))
    if len(recipient) > ADDRESS_LENGTH:
        raise _too_long()
    return recipient


def _too_long() -> UnreadableRecord:
    return UnreadableRecord(Reason.BAD_ADDRESS, "A recipient's address is too long.")


def _delivery(statuses: Mapping[str, Delivery]) -> Delivery | dict[str, Delivery] | None:
    distinct = set(statuses.values())
    if distinct == {"unknown"}:
        return None
    return distinct.pop() if len(distinct) == 1 else dict(statuses)


def _digest(identity: Sequence[str], statuses: Mapping[str, Delivery]) -> str:
    lines = [*identity, *(f"{normalise_address(to)} {status}" for to, status in statuses.items())]
    return hashlib.blake2b("\n".join(lines).encode(errors="surrogatepass"), digest_size=16).hexdigest()
