"""A dead letter: a record that could not be read, kept with the reason and where it came from.

The bytes travel as they came, and what is told of them stands in headers: base64 in JSON would outgrow the broker's
limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from streams.errors import UnreadableRecord
from streams.events.privacy import Privacy
from streams.events.reasons import Reason

ENVELOPE_BYTES = 256
"""Room for Kafka's own framing: a batch of one record takes 61 + 36 bytes at most, and 10 more a header."""

DeadLetterContent = Literal["whole", "metadata"]
Headers = list[tuple[str, bytes]]


class EncodedLetter(NamedTuple):
    """The parts of a record of mail.dead-letters."""

    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that could not be read.

    `time_ms` is the Kafka timestamp, -1 where the record had none. `key` is the digest of the record's key, which may
    be an address, or None where it had none. `value` is None for a tombstone. `length` is that of the value as it
    came, in bytes: more than is there where the value was cut or dropped.
    """

    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    time_ms: int
    key: str | None
    value: bytes | None
    length: int

    @property
    def is_whole(self) -> bool:
        """Whether all the bytes are there, so that it can be sent back."""
        return len(self.value or b"") == self.length


def dead_letter(
    refused: UnreadableRecord,
    *,
    topic: str,
    partition: int,
    offset: int,
    time_ms: int,
    key: bytes | None,
    value: bytes | None,
    privacy: Privacy,
) -> DeadLetter:
    """The dead letter of a record and of the error that it met."""
    digest = None if key is None else privacy.digest(key.decode(errors="replace"))
    return DeadLetter(
        refused.reason, refused.detail, topic, partition, offset, time_ms, digest, value, len(value or b"")
    )


def encode(letter: DeadLetter, *, keep: DeadLetterContent, max_bytes: int) -> EncodedLetter:
    """The record for mail.dead-letters, at most `max_bytes` in all (the topic's max.message.bytes).

    Where the setting `keep` is `metadata` the value is dropped. The header `dropped` or `cut` tells the length that it
    had; without either it is whole.
    """
    headers = [
        ("reason", letter.reason.encode()),
        ("detail", letter.detail.encode()),
        ("topic", letter.topic.encode()),
        ("partition", b"%d" % letter.partition),
        ("offset", b"%d" % letter.offset),
        ("time", b"%d" % letter.time_ms),
    ]
    key = None if letter.key is None else letter.key.encode()
    told = sum(len(name) + len(text) for name, text in headers) + len(key or b"")
    value = b"" if keep == "metadata" and letter.value else letter.value
    if value is not None:
        value = value[: max(0, max_bytes - told - ENVELOPE_BYTES)]
    if len(value or b"") < letter.length:
        headers.append(("dropped" if keep == "metadata" else "cut", b"%d" % letter.length))
    return EncodedLetter(key, value, headers)


def decode(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]] | None) -> DeadLetter:
    """Reads a record of mail.dead-letters back; one without our headers is an `UnreadableRecord`."""
    told = dict(headers or ())
    length = next((_number(told, name) for name in ("cut", "dropped") if name in told), len(value or b""))
    return DeadLetter(
        reason=_text(told, "reason"),
        detail=_text(told, "detail"),
        topic=_text(told, "topic"),
        partition=_number(told, "partition"),
        offset=_number(told, "offset"),
        time_ms=_number(told, "time"),
        key=None if key is None else key.decode(errors="replace"),
        value=value,
        length=length,
    )


def _text(headers: dict[str, bytes | None], name: str) -> str:
    text = headers.get(name)
    if text is None:
        raise UnreadableRecord(Reason.MISSING_FIELD, f"The header `{name}` is missing, so it is no dead letter.")
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise UnreadableRecord(Reason.NOT_UTF8, f"The header `{name}` is not UTF-8.") from None


def _number(headers: dict[str, bytes | None], name: str) -> int:
    try:
        return int(_text(headers, name))
    except ValueError:
        raise UnreadableRecord(Reason.BAD_VALUE, f"The header `{name}` is not an integer.") from None
