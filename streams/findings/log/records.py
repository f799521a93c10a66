"""The records of the compacted state topic, in which a partition's state is stored.

| key | value |
|---|---|
| `h` + window key + hit digest | the hit's entry in the tally; written when the hit changed the tally |
| `n` + window key | names that are not in an alert yet; merged with the finding's |
| `f` + window key | the finding as last published, and the offset at which its batch ended |
| `w` | the watermark, and the offset up to which the hits are accounted for |
| `s` + rule, mistaken domain, partition of mail.events | the offset up to which its hits were counted |
| `c` | how many records of hits and of findings there are, by which a restore notices that some were lost |

A hit's record is always the same, whichever worker writes it and when, so a worker that has lost its partition but
still writes does no harm. Its key is never written with another value, so that keys can be counted as they are written.
"""

import struct
from collections.abc import Iterator
from typing import Generic, TypeVar

import msgspec
from msgspec import structs

from streams.errors import StraymailError
from streams.events.asked import AskedCounts
from streams.events.decode_errors import DECODER_ERRORS
from streams.events.finding import FindingState
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.store.digests import HIT_BYTES
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.tally import RECORD_BYTES, Entry
from streams.findings.store.window_state import KEY_LENGTH, LATE_KEY_LENGTH
from streams.severity import Severity

T = TypeVar("T")
HIT, NAMES, FINDING, SOURCE, WATERMARK, CHECK = b"h", b"n", b"f", b"s", b"w", b"c"
Record = tuple[bytes, bytes | None]
"""Key and value of a record; None is a tombstone."""

_DUE = struct.Struct(">qq")
_OFFSET = struct.Struct(">q")
HIT_ENTRY_BYTES = RECORD_BYTES - HIT_BYTES
DUE_BYTES = _DUE.size
HIT_VALUE_BYTES = HIT_ENTRY_BYTES + DUE_BYTES


class UnreadableStateError(StraymailError):
    """A record of the state topic that straymail did not write, or that is damaged."""


class RestoredFinding(msgspec.Struct, frozen=True):
    """The fields of a FindingState that are needed to go on with its window. `domains` are left as they are written:
    many findings share few of them."""

    sequence: int
    activity: int
    severity: Severity
    window: str
    time_ms: int
    created_ms: int
    count: int
    peak: int
    delivered_count: int
    domain_count: int
    domains: list[msgspec.Raw]
    sender: str | None = None
    labels: list[str] = []
    count_is_minimum: bool = False
    asked_count: int = 0
    confirmed_count: int = 0
    corrected_count: int = 0


State = TypeVar("State", FindingState, RestoredFinding)


class FindingRecord(msgspec.Struct, Generic[State], frozen=True, omit_defaults=True):
    """A published finding. `offset` is that of the last record of the batch for which it was published.

    `accepted_peak` is the peak without mails that were refused; None where it is the state's peak. `is_full` is whether
    the tally was full; None where the state says it. `hits` is the number of hits in the tally, -1 in older records.
    `updates` is the number of alerts so far that had no news but growth.
    """

    state: State
    offset: int
    final_ms: int
    drop_ms: int
    label_floor: int = msgspec.field(name="marking")
    accepted_peak: int | None = None
    is_full: bool | None = None
    hits: int = -1
    updates: int = 0

    def last_alert(self) -> LastAlert:
        """The figures with which the finding's next state is compared."""
        state = self.state
        return LastAlert(
            sequence=state.sequence,
            activity=state.activity,
            severity=state.severity,
            count=state.count,
            peak=state.peak,
            delivered_count=state.delivered_count,
            domain_count=state.domain_count,
            label_floor=self.label_floor,
            count_is_minimum=state.count_is_minimum if self.is_full is None else self.is_full,
            window=state.window,
            created_ms=state.created_ms,
            time_ms=state.time_ms,
            accepted_peak=state.peak if self.accepted_peak is None else self.accepted_peak,
            hits=self.hits,
            updates=self.updates,
            asked=AskedCounts(state.asked_count, state.confirmed_count, state.corrected_count),
        )


class NamesRecord(msgspec.Struct, frozen=True):
    """Names of a window that are not in an alert yet."""

    sender: str | None
    domains: list[MistakenDomain]
    labels: list[str]
    final_ms: int
    drop_ms: int


class WatermarkRecord(msgspec.Struct, frozen=True):
    """The watermark; the records before this one have every effect of the hits up to `offset`.

    `checked` means that a check record has been written before.
    """

    watermark_ms: int
    offset: int
    checked: bool = False


class CheckRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the records before this one are at least, less those whose tombstones follow it: a restore that finds fewer
    misses some.

    `sequence` is the least sequence of the worker that wrote it. `damaged` is true from a restore that missed some,
    until the hits are counted again from the earliest. Windows that were due to be dropped at the watermark
    `settled_ms` were published to their end by a state that was whole.
    """

    hits: int = 0
    findings: int = 0
    sequence: int = 0
    damaged: bool = False
    settled_ms: int | None = None

    def has_settled(self, drop_ms: int) -> bool:
        """Whether a window that is dropped at this watermark needs not be published again."""
        return self.settled_ms is not None and drop_ms <= self.settled_ms

    def less(self, hits: int) -> "CheckRecord":
        """The record before the tombstones of some hits."""
        return structs.replace(self, hits=max(0, self.hits - hits))


UNCHECKED = CheckRecord()
"""What is known where there is no check record."""


class DueRecord(msgspec.Struct, frozen=True):
    """The field that records of findings and names share in every version."""

    drop_ms: int


_finding_decoder = msgspec.json.Decoder(FindingRecord[FindingState])
_restored_decoder = msgspec.json.Decoder(FindingRecord[RestoredFinding])
_domain_decoder = msgspec.json.Decoder(MistakenDomain)
_names_decoder = msgspec.json.Decoder(NamesRecord)
_watermark_decoder = msgspec.json.Decoder(WatermarkRecord)
_check_decoder = msgspec.json.Decoder(CheckRecord)
_due_decoder = msgspec.json.Decoder(DueRecord)
Named = FindingRecord[FindingState] | NamesRecord | WatermarkRecord | CheckRecord


def encode(record: Named) -> bytes:
    """A record's value, as JSON."""
    return msgspec.json.encode(record)


def decode_finding(value: bytes) -> FindingRecord[FindingState]:
    """A finding's record. Raises UnreadableStateError."""
    return _decode(_finding_decoder, value)


def decode_restored(value: bytes) -> FindingRecord[RestoredFinding]:
    """A finding's record without what a restore doesn't need, in less time. Raises UnreadableStateError."""
    return _decode(_restored_decoder, value)


def decode_domain(value: bytes) -> MistakenDomain:
    """A domain of a RestoredFinding. Raises UnreadableStateError."""
    return _decode(_domain_decoder, value)


def decode_names(value: bytes) -> NamesRecord:
    """A record of names. Raises UnreadableStateError."""
    return _decode(_names_decoder, value)


def decode_watermark(value: bytes) -> WatermarkRecord:
    """The record of the watermark. Raises UnreadableStateError."""
    return _decode(_watermark_decoder, value)


def decode_check(value: bytes) -> CheckRecord:
    """The record by which losses are noticed. Raises UnreadableStateError."""
    return _decode(_check_decoder, value)


def source_record(key: bytes, offset: int | None) -> Record:
    """The record of an offset of mail.events; a tombstone without one."""
    return SOURCE + key, None if offset is None else _OFFSET.pack(offset)


def source_offset(value: bytes | None) -> int | None:
    """The offset in such a record's value. Raises UnreadableStateError."""
    if value is not None and len(value) != _OFFSET.size:
        raise UnreadableStateError(
            f"The state topic has an offset of {len(value)} bytes; straymail did not write it, or it is damaged."
        )
    return None if value is None else int(_OFFSET.unpack(value)[0])


def hit_record(window_key: bytes, entry: Entry, final_ms: int, drop_ms: int) -> tuple[bytes, bytes]:
    """The record of a hit. Its value is the entry without the hit's digest, which is in the key, and the due times."""
    return HIT + window_key + entry.hit, entry[HIT_BYTES:] + _DUE.pack(final_ms, drop_ms)


def split_hit_key(key: bytes) -> tuple[bytes, bytes]:
    """The window key and the hit digest in a hit's record key. Raises UnreadableStateError."""
    if len(key) not in (1 + KEY_LENGTH + HIT_BYTES, 1 + LATE_KEY_LENGTH + HIT_BYTES):
        raise UnreadableStateError(
            f"The state topic has a hit with a key of {len(key)} bytes; straymail did not write it, or it is damaged."
        )
    return key[1:-HIT_BYTES], key[-HIT_BYTES:]


def hit_entry(value: bytes) -> bytes:
    """The tally entry in a hit's value, without the hit's digest. Raises UnreadableStateError."""
    if len(value) != HIT_VALUE_BYTES:
        raise UnreadableStateError(
            f"The state topic has a hit of {len(value)} bytes; straymail did not write it, or it is damaged."
        )
    return value[:HIT_ENTRY_BYTES]


def hit_due(value: bytes) -> tuple[int, int]:
    """(final_ms, drop_ms) in a hit's value. Raises UnreadableStateError."""
    return split_due(value[len(hit_entry(value)) :])


def split_due(due: bytes) -> tuple[int, int]:
    """(final_ms, drop_ms) in the last DUE_BYTES of a hit's value."""
    times: tuple[int, int] = _DUE.unpack(due)
    return times


def drop_ms_of(key: bytes, value: bytes) -> int:
    """When a record of a window is dropped, even if its rule is not configured here. Raises UnreadableStateError."""
    return hit_due(value)[1] if key[:1] == HIT else _decode(_due_decoder, value).drop_ms


def tombstones(window_key: bytes, hits: list[bytes], *, has_names: bool, has_finding: bool) -> Iterator[Record]:
    """Tombstones of a window's records; the finding's last, so that a partly deleted tally never looks complete."""
    yield from ((HIT + window_key + hit, None) for hit in hits)
    if has_names:
        yield NAMES + window_key, None
    if has_finding:
        yield FINDING + window_key, None


def _decode(decoder: msgspec.json.Decoder[T], value: bytes) -> T:
    try:
        return decoder.decode(value)
    except DECODER_ERRORS as problem:
        raise UnreadableStateError(
            f"The state topic has a record that straymail did not write, or that is damaged: {problem}."
        ) from problem
