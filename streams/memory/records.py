"""Records of the topic that memories share: a key (digest, kind, source partition, key id) and the packed facts.

A key is 17 bytes: the digest (8, big endian), the kind (a letter), the source partition (4), the id of the privacy key
(4). A value begins with its version. A tombstone erases the entry of its key.
"""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import NamedTuple

from streams.errors import UnreadableRecord
from streams.events.reasons import Reason
from streams.memory.facts import DAYS_KEPT, PERSON_DAYS, CorrespondentFacts, PersonFacts
from streams.memory.first_seen import KEPT, FirstSeen, joined_first

VERSION = 1
EARLIEST_DAY = 7_305
"""1990-01-01, as for mail events."""
_KEY = struct.Struct(">Qcl4s")
_PERSON = struct.Struct(f">HHL{KEPT}L")
_BITMAP_BYTES = DAYS_KEPT // 8
_CORRESPONDENT = struct.Struct(f">H{_BITMAP_BYTES}s{_BITMAP_BYTES}s{3 * KEPT}L")
_PERSON_MASK = (1 << PERSON_DAYS) - 1
PERSON_BYTES, CORRESPONDENT_BYTES = _PERSON.size, _CORRESPONDENT.size
PERSON_WRITER_AT = struct.calcsize(">HHL")
CORRESPONDENT_SENDER_AT = struct.calcsize(f">H{2 * _BITMAP_BYTES}s")
"""Where a packed entry has the day of the first of our senders: 0 where nobody of ours has written there."""


class MemoryKind(StrEnum):
    """What an entry is about."""

    PERSON = "p"
    CORRESPONDENT = "c"
    BARRED = "b"


_KINDS = {kind.encode(): kind for kind in MemoryKind}
_VERSION = bytes([VERSION])


class BarredFacts(NamedTuple):
    """Since when the person or correspondent with this digest is not to be remembered."""

    day: int


Facts = PersonFacts | CorrespondentFacts | BarredFacts


class MemoryRecord(NamedTuple):
    """An entry; `facts` is None in a tombstone."""

    kind: MemoryKind
    digest: int
    facts: Facts | None


class PackedRecord(NamedTuple):
    """An entry whose facts are packed, as a memory has it; `row` is what `pack` returns."""

    kind: MemoryKind
    digest: int
    row: bytes

    @property
    def record(self) -> MemoryRecord:
        """The entry with its facts."""
        unpack = unpack_person if self.kind is MemoryKind.PERSON else unpack_correspondent
        return MemoryRecord(self.kind, self.digest, unpack(self.row))


class DecodedRecord(NamedTuple):
    """A record, the source partition whose owner wrote it, and the id of the key of its digests."""

    record: MemoryRecord
    partition: int
    key_id: bytes


def encode(record: MemoryRecord, partition: int, key_id: bytes) -> tuple[bytes, bytes | None]:
    """Key and value of a record, as the owner of a source partition writes it."""
    key = _KEY.pack(record.digest, record.kind.encode(), partition, key_id)
    facts = record.facts
    if facts is None:
        return key, None
    return key, _VERSION + (facts.day.to_bytes(2, "big") if isinstance(facts, BarredFacts) else pack(facts))


def encode_packed(record: PackedRecord, partition: int, key_id: bytes) -> tuple[bytes, bytes]:
    """As `encode`."""
    kind, digest, row = record
    return _KEY.pack(digest, kind.encode(), partition, key_id), _VERSION + row


def decode(key: bytes | None, value: bytes | None, *, today: int) -> DecodedRecord:
    """Decode and check a record. `today` is the current day: no fact may be dated after tomorrow. Days of mail after
    that, by a wrong clock, are left out: the other days are right.

    Raises UnreadableRecord and nothing else, whatever the bytes.
    """
    if key is None or len(key) != _KEY.size:
        raise _unreadable("its key has another length")
    digest, letter, partition, key_id = _KEY.unpack(key)
    kind = _KINDS.get(letter)
    if kind is None:
        raise _unreadable("its kind is unknown")
    if partition < 0:
        raise _unreadable("its partition is negative")
    facts = None if value is None else _facts(kind, value, today)
    return DecodedRecord(MemoryRecord(kind, digest, facts), partition, key_id)


def pack(facts: PersonFacts | CorrespondentFacts) -> bytes:
    """Facts as PERSON_BYTES or CORRESPONDENT_BYTES bytes."""
    if isinstance(facts, PersonFacts):
        return _PERSON.pack(facts.first, facts.last, facts.days, *_padded(facts.writers))
    days_out, days_in = (days.to_bytes(_BITMAP_BYTES, "big") for days in (facts.days_out, facts.days_in))
    some = _padded(facts.senders) + _padded(facts.persons) + _padded(facts.shared)
    return _CORRESPONDENT.pack(facts.last, days_out, days_in, *some)


def person_with_mail(row: bytes | None, day: int, writer: FirstSeen) -> bytes:
    """The row of a person after mail on a day; `writer` is its sender, where that is one of ours.

    Equals `PersonFacts(day, day, 1, writer)` joined to what the row has, and takes a quarter of the time: nearly every
    record is made here.
    """
    if row is None:
        return _PERSON.pack(day, day, 1, *_padded(writer))
    first, last, days, *some = _PERSON.unpack(row)
    if day < last:
        return pack(unpack_person(row).joined(PersonFacts(day, day, 1, writer)))
    has_room = not some[-1] or (writer and writer[0] < some[-1])
    writers = _padded(joined_first(_trimmed(some), writer)) if writer and has_room else some
    return _PERSON.pack(first, day, (days << min(day - last, PERSON_DAYS) | 1) & _PERSON_MASK, *writers)


def unpack_person(row: bytes) -> PersonFacts:
    """The facts that `pack` packed."""
    first, last, days, *writers = _PERSON.unpack(row)
    return PersonFacts(first, last, days, _trimmed(writers))


def unpack_correspondent(row: bytes) -> CorrespondentFacts:
    """The facts that `pack` packed."""
    last, days_out, days_in, *some = _CORRESPONDENT.unpack(row)
    groups = (_trimmed(some[at : at + KEPT]) for at in range(0, 3 * KEPT, KEPT))
    return CorrespondentFacts(last, int.from_bytes(days_out, "big"), int.from_bytes(days_in, "big"), *groups)


def _padded(first: FirstSeen) -> FirstSeen:
    return first + (0,) * (KEPT - len(first))


def _trimmed(numbers: list[int]) -> FirstSeen:
    return tuple(filter(None, numbers))


def _facts(kind: MemoryKind, value: bytes, today: int) -> Facts:
    if value[:1] != _VERSION:
        raise _unreadable("its version is unknown")
    packed, newest = value[1:], min(today + 1, 0xFFFF)
    facts: Facts | None
    if kind is MemoryKind.PERSON and len(packed) == PERSON_BYTES:
        person = unpack_person(packed)
        facts = person.until(newest) if _is_valid_person(person) else None
    elif kind is MemoryKind.CORRESPONDENT and len(packed) == CORRESPONDENT_BYTES:
        correspondent = unpack_correspondent(packed)
        facts = correspondent.until(newest) if _is_valid_correspondent(correspondent) else None
    elif kind is MemoryKind.BARRED and len(packed) == 2:
        barred = BarredFacts(int.from_bytes(packed, "big"))
        facts = barred if EARLIEST_DAY <= barred.day <= newest else None
    else:
        raise _unreadable("its value has another length")
    if facts is None:
        raise _unreadable("its facts contradict each other or are dated in the future")
    return facts


def _is_valid_person(facts: PersonFacts) -> bool:
    in_order = EARLIEST_DAY <= facts.first <= facts.last
    span = min(facts.last - facts.first + 1, PERSON_DAYS)
    return in_order and facts.days & 1 == 1 and facts.days < 1 << span and _is_valid_first(facts.writers, facts)


def _is_valid_correspondent(facts: CorrespondentFacts) -> bool:
    days = facts.days_out | facts.days_in
    some = (facts.senders, facts.persons, facts.shared)
    in_order = facts.first >= EARLIEST_DAY and days & 1 == 1
    return in_order and all(_is_valid_first(first, None) and _until(first, facts) for first in some)


def _until(first: FirstSeen, facts: CorrespondentFacts) -> bool:
    return not first or first[-1] >> 16 <= facts.last


def _is_valid_first(first: FirstSeen, person: PersonFacts | None) -> bool:
    """Ascending, each tag once, and of a person within its days."""
    if not first:
        return True
    tags = {each & 0xFFFF for each in first}
    if len(tags) != len(first) or list(first) != sorted(first) or first[0] >> 16 < EARLIEST_DAY:
        return False
    return person is None or (person.first <= first[0] >> 16 and first[-1] >> 16 <= person.last)


def _unreadable(why: str) -> UnreadableRecord:
    return UnreadableRecord(Reason.BAD_VALUE, f"The record of the memory can't be used: {why}.")
