"""One memory as a copy of the topic that all memories of a pipeline share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Literal, NamedTuple

from streams.errors import UnreadableRecord
from streams.memory.memory import DAY_MS, Memory
from streams.memory.records import DecodedRecord, MemoryKind, MemoryRecord, PackedRecord, decode, encode, encode_packed

KeyedValue = tuple[bytes, bytes | None]
Skipped = Literal["unreadable", "other-key"]

BY_COMMANDS = 0x7FFF_FFFF
"""The source partition of records that no worker wrote: no worker is assigned it, so none writes it back."""
RENEWED_AFTER_MS = 30 * DAY_MS
"""How old the record of a bar gets. Retention would delete it, and what it bars could be learned again; other entries
may go then, since each is written on every day of its mail."""
UNREAD_KEPT = 100_000
"""The most own records that are known by sight when they are read back."""


class Bar(NamedTuple):
    """What is barred, the value that bars it, and Kafka's timestamp of its record."""

    digest: int
    value: bytes
    written_ms: int


class Replica:
    """Takes the records of the topic into a memory, and makes those that the topic lacks.

    Compaction keeps the last value of a key and merges nothing, so the key has the source partition whose owner wrote
    it: only the worker that a partition is assigned to writes its records, and it writes one again when another worker,
    that has lost the partition and doesn't know it yet, has replaced it by less.
    """

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.skipped: Counter[Skipped] = Counter()
        """Records that were not taken: `unreadable` ones, and those under the digests of another privacy key."""
        self._unread: set[int] = set()
        self._bars: dict[bytes, Bar] = {}

    def take(
        self, key: bytes | None, value: bytes | None, written_ms: int, *, today: int, assigned: Collection[int]
    ) -> list[KeyedValue]:
        """Merge a record of the topic; returns the records to write in return, for the source partitions `assigned`.

        `today` is the current day. Raises nothing, whatever the bytes.
        """
        is_own = self._was_own(key, value)
        if is_own and not self._bars:  # the memory has all of it
            return []
        decoded = self._decoded(key, value, today)
        if decoded is None or key is None:
            return []
        record = decoded.record
        if record.kind is MemoryKind.BARRED:
            return self._take_bar(key, value, written_ms, record, assigned)
        lacks = self.memory.merge(record).lacks
        if record.facts is None:
            return []
        # Written by a `learn` that began before somebody was forgotten: the owner of the first partition erases it.
        by_command = decoded.partition == BY_COMMANDS and 0 in assigned
        if self.memory.is_barred(record.digest) and (by_command or decoded.partition in assigned):
            return [(key, None)]
        if decoded.partition not in assigned:
            return []
        entry = self.memory.entry(record.kind, record.digest) if lacks and not is_own else None
        return [] if entry is None else list(self.written([entry], decoded.partition))

    def written(self, changed: Iterable[PackedRecord], partition: int) -> Iterator[KeyedValue]:
        """Keys and values of entries that this memory has changed, under a source partition: of each the last change,
        which has all."""
        key_id = self.memory.digests.key_id
        return map(self._sent, dict(encode_packed(record, partition, key_id) for record in changed).items())

    def renewed(self, now_ms: int) -> Iterator[KeyedValue]:
        """The bars to write again by now, before retention deletes them."""
        for key, bar in self._bars.items():
            if now_ms - bar.written_ms > RENEWED_AFTER_MS:
                yield key, bar.value

    def erased(self, now_ms: int, assigned: Collection[int]) -> Iterator[KeyedValue]:
        """Tombstones of what a former owner of these partitions may have written before it ended, without having read
        the bars of the last day."""
        for bar in self._bars.values():
            if now_ms - bar.written_ms < DAY_MS:
                yield from self._tombstones(bar.digest, assigned)

    def _take_bar(
        self, key: bytes, value: bytes | None, written_ms: int, record: MemoryRecord, assigned: Collection[int]
    ) -> list[KeyedValue]:
        is_new = self.memory.merge(record).changed
        if value is None:
            self._bars.pop(key, None)
            return []
        self._bars[key] = Bar(record.digest, value, written_ms)
        # What this worker may have written just before it read the bar.
        return self._tombstones(record.digest, assigned) if is_new else []

    def _tombstones(self, digest: int, assigned: Collection[int]) -> list[KeyedValue]:
        key_id = self.memory.digests.key_id
        return [
            encode(MemoryRecord(kind, digest, None), partition, key_id)
            for partition in assigned
            for kind in (MemoryKind.PERSON, MemoryKind.CORRESPONDENT)
        ]

    def _decoded(self, key: bytes | None, value: bytes | None, today: int) -> DecodedRecord | None:
        try:
            decoded = decode(key, value, today=today)
        except UnreadableRecord:
            self.skipped["unreadable"] += 1
            return None
        if decoded.key_id != self.memory.digests.key_id:
            self.skipped["other-key"] += 1
            return None
        return decoded

    def _sent(self, record: KeyedValue) -> KeyedValue:
        if len(self._unread) >= UNREAD_KEPT:  # those written first were compacted away unread
            self._unread.clear()
        self._unread.add(hash(record))
        return record

    def _was_own(self, key: bytes | None, value: bytes | None) -> bool:
        """Whether this replica wrote the record and hasn't read it back yet: that it has learned more since is no
        reason to write it again."""
        if not self._unread:
            return False
        seen = hash((key, value))
        if seen not in self._unread:
            return False
        self._unread.discard(seen)
        return True
