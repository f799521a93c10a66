"""The records of the compacted topic that a partition's state is kept in.

| key | value |
|---|---|
| `h` + slot + hit digest | what the tally keeps of the hit; written when the hit changed the tally |
| `n` + slot | the names that no alert has told yet; joined with the finding's |
| `f` + slot | the finding as last published, with where its batch ended |
| `w` | the watermark, and up to where the hits are accounted for |

A hit's record is the same whoever writes it and whenever, so a worker that has lost its partition does no harm.
"""

import struct
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from streams.errors import StraymailError
from streams.events.finding import FindingState
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.store.digests import HIT_BYTES
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.tally import RECORD_BYTES, Entry
from streams.findings.store.window_state import KEY_LENGTH, LATE_KEY_LENGTH

T = TypeVar("T")
HIT, NAMES, FINDING, WATERMARK = b"h", b"n", b"f", b"w"
Record = tuple[bytes, bytes | None]
"""Key and value of a record; None is a tombstone."""

_DUE = struct.Struct(">qq")


class UnreadableStateError(StraymailError):
    """A record of the state topic that no version of straymail has written."""


class FindingRecord(msgspec.Struct, frozen=True):
    """A published finding. `offset` is that of the last record of the batch that it was published for."""

    state: FindingState
    offset: int
    final_ms: int
    drop_ms: int
    marking: int

    def published(self) -> LastAlert:
        """What is remembered of it."""
        state = self.state
        return LastAlert(
            sequence=state.sequence,
            activity=state.activity,
            severity=state.severity,
            count=state.count,
            peak=state.peak,
            delivered_count=state.delivered_count,
            domain_count=state.domain_count,
            marking=self.marking,
            count_is_minimum=state.count_is_minimum,
            window=state.window,
            created_ms=state.created_ms,
            time_ms=state.time_ms,
        )


class NamesRecord(msgspec.Struct, frozen=True):
    """Names of a slot."""

    sender: str | None
    domains: list[MistakenDomain]
    labels: list[str]
    final_ms: int
    drop_ms: int


class WatermarkRecord(msgspec.Struct, frozen=True):
    """The watermark; all that the hits up to `offset` led to stands in the records before this one."""

    watermark_ms: int
    offset: int


class DueRecord(msgspec.Struct, frozen=True):
    """What all records of findings and names tell, whatever version wrote them."""

    drop_ms: int


_finding_decoder = msgspec.json.Decoder(FindingRecord)
_names_decoder = msgspec.json.Decoder(NamesRecord)
_watermark_decoder = msgspec.json.Decoder(WatermarkRecord)
_due_decoder = msgspec.json.Decoder(DueRecord)
Named = FindingRecord | NamesRecord | WatermarkRecord


def encode(record: Named) -> bytes:
    """A record's value, as JSON."""
    return msgspec.json.encode(record)


def decode_finding(value: bytes) -> FindingRecord:
    """UnreadableStateError where it is none."""
    return _decode(_finding_decoder, value)


def decode_names(value: bytes) -> NamesRecord:
    """UnreadableStateError where it is none."""
    return _decode(_names_decoder, value)


def decode_watermark(value: bytes) -> WatermarkRecord:
    """UnreadableStateError where it is none."""
    return _decode(_watermark_decoder, value)


def hit_record(slot: bytes, entry: Entry, final_ms: int, drop_ms: int) -> tuple[bytes, bytes]:
    """The record of a hit: its record in the tally's log but for the digest, which is in the key, and the due times."""
    return HIT + slot + entry.hit, entry.pack()[HIT_BYTES:] + _DUE.pack(final_ms, drop_ms)


def split_hit_key(key: bytes) -> tuple[bytes, bytes]:
    """(slot, hit digest) of a hit's key."""
    if len(key) not in (1 + KEY_LENGTH + HIT_BYTES, 1 + LATE_KEY_LENGTH + HIT_BYTES):
        raise UnreadableStateError(
            f"The state topic has a hit with a key of {len(key)} bytes; it is not straymail's, or damaged."
        )
    return key[1:-HIT_BYTES], key[-HIT_BYTES:]


def hit_entry(value: bytes) -> bytes:
    """The record of the tally's log in a hit's value, without the hit's digest."""
    if len(value) != _HIT_VALUE_BYTES:
        raise UnreadableStateError(
            f"The state topic has a hit of {len(value)} bytes; it is not straymail's, or damaged."
        )
    return value[: -_DUE.size]


def hit_due(value: bytes) -> tuple[int, int]:
    """(final_ms, drop_ms) of a hit's value."""
    due: tuple[int, int] = _DUE.unpack_from(value, len(hit_entry(value)))
    return due


def drop_ms_of(key: bytes, value: bytes) -> int:
    """When a slot's record is dropped; of a rule that this worker doesn't know too."""
    return hit_due(value)[1] if key[:1] == HIT else _decode(_due_decoder, value).drop_ms


def tombstones(slot: bytes, hits: list[bytes], *, noted: bool, published: bool) -> Iterator[Record]:
    """Tombstones of all records of a slot; the finding's last, so that no part of a tally stands for the whole."""
    yield from ((HIT + slot + hit, None) for hit in hits)
    if noted:
        yield NAMES + slot, None
    if published:
        yield FINDING + slot, None


_HIT_VALUE_BYTES = RECORD_BYTES - HIT_BYTES + _DUE.size


def _decode(decoder: msgspec.json.Decoder[T], value: bytes) -> T:
    try:
        return decoder.decode(value)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise UnreadableStateError(
            f"The state topic has a record that is not straymail's, or damaged: {problem}."
        ) from problem
