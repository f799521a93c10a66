"""A dead letter: a record that could not be read, with the reason and its topic, partition and offset.

The value is the record's own bytes, and everything else is in headers: base64 in JSON would exceed the broker's limit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from streams.errors import UnreadableRecord
from streams.events.privacy import Privacy
from streams.events.reasons import Reason

ENVELOPE_BYTES = 256
"""Room for Kafka's own framing: at most 61 + 36 bytes for a batch of one record, and 10 for each header."""

DeadLetterContent = Literal["whole", "metadata"]
Headers = list[tuple[str, bytes]]


class EncodedDeadLetter(NamedTuple):
    """Key, value and headers of a record of mail.dead-letters."""

    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that could not be read.

    `time_ms` is the Kafka timestamp, -1 if the record had none. `key` is the digest of the record's key, which may be
    an address; None if it had none. `value` is None for a tombstone. `length` is the number of bytes of the original
    value, of which `value` has fewer if it was cut or dropped.
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
        """Whether the value is complete, so that the record can be replayed."""
        return len(self.value or b"") == self.length


def build_dead_letter(
    error: UnreadableRecord,
    *,
    topic: str,
    partition: int,
    offset: int,
    time_ms: int,
    key: bytes | None,
    value: bytes | None,
    privacy: Privacy,
) -> DeadLetter:
    """The dead letter of a record that could not be read because of this error."""
    digest = None if key is None else privacy.digest(key.decode(errors="replace"))
    return DeadLetter(error.reason, error.detail, topic, partition, offset, time_ms, digest, value, len(value or b""))


def encode(dead_letter: DeadLetter, *, keep: DeadLetterContent, max_bytes: int) -> EncodedDeadLetter:
    """The record for mail.dead-letters, at most `max_bytes` in all (the topic's max.message.bytes).

    If the setting `keep` is `metadata` the value is dropped. The header `dropped` or `cut` has the length of the
    original value; without either the value is complete.
    """
    headers = [
        ("reason", dead_letter.reason.encode()),
        ("detail", dead_letter.detail.encode()),
        ("topic", dead_letter.topic.encode()),
        ("partition", b"%d" % dead_letter.partition),
        ("offset", b"%d" % dead_letter.offset),
        ("time", b"%d" % dead_letter.time_ms),
    ]
    key = None if dead_letter.key is None else dead_letter.key.encode()
    other_bytes = sum(len(name) + len(text) for name, text in headers) + len(key or b"")
    value = b"" if keep == "metadata" and dead_letter.value else dead_letter.value
    if value is not None:
        value = value[: max(0, max_bytes - other_bytes - ENVELOPE_BYTES)]
    if len(value or b"") < dead_letter.length:
        headers.append(("dropped" if keep == "metadata" else "cut", b"%d" % dead_letter.length))
    return EncodedDeadLetter(key, value, headers)


def decode(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]] | None) -> DeadLetter:
    """The dead letter in a record of mail.dead-letters. Raises UnreadableRecord if a header is missing or wrong."""
    fields = dict(headers or ())
    length = next((_number(fields, name) for name in ("cut", "dropped") if name in fields), len(value or b""))
    return DeadLetter(
        reason=_text(fields, "reason"),
        detail=_text(fields, "detail"),
        topic=_text(fields, "topic"),
        partition=_number(fields, "partition"),
        offset=_number(fields, "offset"),
        time_ms=_number(fields, "time"),
        key=None if key is None else key.decode(errors="replace"),
        value=value,
        length=length,
    )


def _text(headers: dict[str, bytes | None], name: str) -> str:
    text = headers.get(name)
    if text is None:
        raise UnreadableRecord(Reason.MISSING_FIELD, f"The header `{name}` is missing, so it is not a dead letter.")
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise UnreadableRecord(Reason.NOT_UTF8, f"The header `{name}` is not UTF-8.") from None


def _number(headers: dict[str, bytes | None], name: str) -> int:
    try:
        return int(_text(headers, name))
    except ValueError:
        raise UnreadableRecord(Reason.BAD_VALUE, f"The header `{name}` is not an integer.") from None
