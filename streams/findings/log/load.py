"""Restores the state of a partition from the records of its compacted topic."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec
from msgspec import structs

from streams.counted import counted
from streams.events.finding import CLOSE
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.log.records import (
    CHECK,
    FINDING,
    HIT,
    NAMES,
    SOURCE,
    UNCHECKED,
    WATERMARK,
    CheckRecord,
    FindingRecord,
    Record,
    WatermarkRecord,
    decode_check,
    decode_finding,
    decode_names,
    decode_watermark,
    drop_ms_of,
    hit_due,
    hit_entry,
    source_offset,
    split_hit_key,
    tombstones,
)
from streams.findings.rules import Rule
from streams.findings.store.digests import HIT_BYTES, RULE_BYTES, Digests
from streams.findings.store.names import WindowNames
from streams.findings.store.source_offsets import SourceOffsets
from streams.findings.store.tally import RECORD_BYTES, hit_digests
from streams.findings.store.window_state import KEY_LENGTH, Header, is_late, neighbour, release
from streams.findings.store.window_store import WindowStore


@dataclass(frozen=True, slots=True)
class Loss:
    """Records of the state are missing, so findings may be wrong, unless `recounted`: hits are read from the earliest.

    `missing` is the least number of records; None where nothing is left at all, 0 where an earlier restore noticed it.
    """

    missing: int | None
    recounted: bool

    def __str__(self) -> str:
        if self.recounted:
            return f"{self.what()}; the hits are counted again from the earliest that Kafka has"
        return f"{self.what()}, so findings may be wrong: see `A state topic is lost` in docs/runbook.md"

    def what(self) -> str:
        """What is missing, in words."""
        if self.missing is None:
            return "the whole state is missing"
        if self.missing:
            return f"{counted(self.missing, 'record')} of the state {'is' if self.missing == 1 else 'are'} missing"
        return "records of the state were missing when it was restored before"


@dataclass
class LoadedState:
    """What a partition's records contain.

    `unconfirmed` are the records of findings whose last alert may not have been delivered, by window key. `orphaned`
    are keys of records whose rule is not configured, with the time at which they are dropped. `expired` are keys that
    should have been deleted before the load. `loss` is what is known to be missing.
    """

    windows: WindowStore
    watermark: WatermarkRecord | None = None
    check: CheckRecord = UNCHECKED
    loss: Loss | None = None
    sources: SourceOffsets = field(default_factory=SourceOffsets)
    unconfirmed: dict[bytes, bytes] = field(default_factory=dict)
    orphaned: dict[bytes, int] = field(default_factory=dict)
    expired: list[bytes] = field(default_factory=list)

    def late_windows(self) -> dict[bytes, bytes]:
        """By the key of the regular window: the key of its newest late window."""
        keys = sorted(filter(is_late, self.windows), key=lambda key: self.windows.peek(key).final_ms)
        return {key[:KEY_LENGTH]: key for key in keys}


class _HitLog:
    """The hits of one window, and the value of the newest. Removed hits are cut out of `bytes` once they are half of
    it."""

    __slots__ = ("bytes", "newest", "removed")

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.removed: set[bytes] | None = None  # an empty set would be larger than most logs
        self.newest = b""

    def add(self, hit: bytes, value: bytes) -> None:
        self.bytes += hit + hit_entry(value)
        self.newest = value
        if self.removed is not None:
            self.removed.discard(hit)

    def due(self) -> tuple[int, int]:
        """(final_ms, drop_ms) of the newest hit; (0, 0) if there was none."""
        return hit_due(self.newest) if self.newest else (0, 0)

    def remove(self, hit: bytes) -> None:
        self.removed = self.removed if self.removed is not None else set()
        self.removed.add(hit)
        if 2 * len(self.removed) * RECORD_BYTES >= len(self.bytes):
            self.compact()

    def compact(self) -> None:
        """Leave each hit once, without those removed."""
        if len(self.bytes) <= RECORD_BYTES and self.removed is None:
            return
        records = (bytes(self.bytes[at : at + RECORD_BYTES]) for at in range(0, len(self.bytes), RECORD_BYTES))
        removed = self.removed if self.removed is not None else set()
        kept = {record[:HIT_BYTES]: record for record in records if record[:HIT_BYTES] not in removed}
        self.bytes = bytearray(b"".join(kept.values()))
        self.removed = None


class StateLoader:
    """Reads records in the order of the topic; the last record of a key is the valid one."""

    def __init__(
        self,
        rules: Mapping[bytes, Rule],
        digests: Digests,
        start_offset: int,
        windows: WindowStore,
        earliest_offset: int = 0,
        cut: int = 0,
    ) -> None:
        """`start_offset` is where hits will be read from: the alerts of those may not have been delivered;
        `earliest_offset` is that of the first hit that Kafka still has. `windows` is empty, and is filled. `cut` is how
        many of the newest records are known to be missing."""
        self._rules, self._digests, self._cut = rules, digests, cut
        self._start_offset, self._earliest_offset = start_offset, earliest_offset
        self._deleted: set[bytes] = set()
        """The keys of hits and findings whose tombstones follow the check record."""
        self._logs: dict[bytes, _HitLog] = {}
        self._names: dict[bytes, bytes] = {}
        self._findings: dict[bytes, bytes] = {}
        self._domain_digests: dict[str, bytes] = {}
        self._loaded = LoadedState(windows)
        self._pool = self._loaded.windows.pool

    def read(self, records: Iterable[Record]) -> LoadedState:
        """Read all records, to the end of the topic. Raises UnreadableStateError."""
        for key, value in records:
            self._read(key, value)
        for log in self._logs.values():
            log.compact()
        self._loaded.loss = self._find_loss()
        if self._loaded.loss is not None and self._loaded.loss.recounted:
            self._count_again()
        for window_key in dict.fromkeys([*self._logs, *self._names, *self._findings]):
            self._add_window(window_key)
        return self._loaded

    def _read(self, key: bytes, value: bytes | None) -> None:
        kind = key[:1]
        if value is None and kind in (HIT, FINDING):
            if self._loaded.check.sequence:  # what comes before the first check record counts for nothing
                self._deleted.add(key)
        elif self._deleted:
            self._deleted.discard(key)
        if key in (WATERMARK, CHECK):
            (self._read_watermark if key == WATERMARK else self._read_check)(value)
        elif kind == SOURCE:
            self._loaded.sources.restore(key[1:], source_offset(value))
        elif key[1 : 1 + RULE_BYTES] not in self._rules:
            self._read_orphan(key, value)
        elif kind == HIT:
            self._read_hit(key, value)
        elif kind == NAMES:
            self._read_names(key[1:], value)
        elif kind == FINDING:
            self._read_finding(key[1:], value)

    def _read_orphan(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self._loaded.orphaned.pop(key, None)
        elif key[:1] in (HIT, NAMES, FINDING):
            self._loaded.orphaned[key] = drop_ms_of(key, value)

    def _read_watermark(self, value: bytes | None) -> None:
        """Skip a lower watermark after a higher one: a worker that had lost its partition wrote it."""
        record, last = decode_watermark(value) if value is not None else None, self._loaded.watermark
        if record is None or last is None or record.watermark_ms >= last.watermark_ms:
            self._loaded.watermark = record
            if record is not None and not record.checked:  # an earlier version went on, which counts no records
                self._loaded.check = structs.replace(self._loaded.check, hits=0, findings=0)

    def _read_check(self, value: bytes | None) -> None:
        """Skip the record of a worker that had lost its partition: its sequences are lower."""
        record = decode_check(value) if value is not None else UNCHECKED
        if record.sequence >= self._loaded.check.sequence:
            self._loaded.check = record
            self._deleted.clear()

    def _find_loss(self) -> Loss | None:
        check = self._loaded.check
        reads_all = self._start_offset <= self._earliest_offset
        if missing := max(self._missing(), self._cut):
            return Loss(missing, reads_all)
        if check.damaged:
            return Loss(0, reads_all)
        return None if check.sequence else self._loss_of_check(reads_all=reads_all)

    def _loss_of_check(self, *, reads_all: bool) -> Loss | None:
        """Without a check record: it was lost, unless an earlier version wrote the state, or nothing was committed.

        The history of an earlier version may have no watermark.
        """
        watermark = self._loaded.watermark
        if watermark is not None:
            return Loss(1, reads_all) if watermark.checked else None
        if reads_all:
            return None
        has_any = self._logs or self._names or self._findings or self._loaded.orphaned
        if has_any and self._is_older():
            return None
        return Loss(1 if has_any else None, recounted=False)

    def _is_older(self) -> bool:
        """Whether nothing is there that only versions with check records write."""
        alerts = (_header_decoder.decode(packed).last_alert for packed in self._findings.values())
        return not self._loaded.sources and all(alert is None or alert.hits < 0 for alert in alerts)

    def _missing(self) -> int:
        """How many records of hits and of findings there should be more."""
        check, there = self._loaded.check, Counter(key[:1] for key in [*self._deleted, *self._loaded.orphaned])
        there[HIT] += sum(len(log.bytes) // RECORD_BYTES for log in self._logs.values())
        there[FINDING] += len(self._findings)
        return max(0, check.hits - there[HIT]) + max(0, check.findings - there[FINDING])

    def _count_again(self) -> None:
        """Keep what is left of the windows, to which the hits add what is missing; forget how far they were counted."""
        self._loaded.watermark = None
        self._loaded.sources.forget()

    def _read_hit(self, key: bytes, value: bytes | None) -> None:
        window_key, hit = split_hit_key(key)
        log = self._logs.get(window_key)
        if value is not None:
            if log is None:
                log = self._logs[window_key] = _HitLog()
            log.add(hit, value)
        elif log is not None:
            log.remove(hit)
            if not log.bytes:
                del self._logs[window_key]

    def _read_names(self, window_key: bytes, value: bytes | None) -> None:
        if value is None:
            self._names.pop(window_key, None)
        else:
            self._names[window_key] = value

    def _read_finding(self, window_key: bytes, value: bytes | None) -> None:
        """Skip a lower sequence after a higher one: a worker that had lost its partition wrote it."""
        last = self._findings.get(window_key)
        record = decode_finding(value) if value is not None else None
        if last is not None:
            if record is not None and _sequence(last) > record.state.sequence:
                return
            release(_header_decoder.decode(self._findings.pop(window_key)), self._pool)
            self._loaded.unconfirmed.pop(window_key, None)
        if record is not None and value is not None:
            self._findings[window_key] = _encoder.encode(self._header_of(record))
            if record.offset >= self._start_offset:
                self._loaded.unconfirmed[window_key] = value

    def _header_of(self, record: FindingRecord) -> Header:
        """The record of a withdrawn finding has the names of what was withdrawn, which its window no longer has."""
        state, last_alert = record.state, record.last_alert()
        is_withdrawn = state.activity == CLOSE
        return Header(
            final_ms=record.final_ms,
            drop_ms=record.drop_ms,
            sender=state.sender,
            domains={} if is_withdrawn else self._acquire(state.domains),
            labels=[] if is_withdrawn else state.labels,
            has_names_record=False,
            count_is_minimum=last_alert.count_is_minimum,
            last_alert=last_alert,
        )

    def _acquire(self, domains: list[MistakenDomain]) -> dict[bytes, int]:
        return {self._digest(domain.domain): self._pool.acquire(domain) for domain in domains}

    def _digest(self, domain: str) -> bytes:
        if domain not in self._domain_digests:
            self._domain_digests[domain] = self._digests.domain(domain)
        return self._domain_digests[domain]

    def _add_window(self, key: bytes) -> None:
        log = self._logs.pop(key, None) or _HitLog()
        header = self._header(key, log)
        if self._has_expired(key, header):
            hits = list(hit_digests(log.bytes))
            release(header, self._pool)
            expired = tombstones(
                key, hits, has_names=header.has_names_record, has_finding=header.last_alert is not None
            )
            self._loaded.expired.extend(record_key for record_key, _ in expired)
        else:
            self._loaded.windows.add_packed(key, header, log.bytes)

    def _has_expired(self, key: bytes, header: Header) -> bool:
        """Whether some of the window's records may have been deleted already, so that no hit may be counted in it.

        Nothing is deleted while a final alert is due: neither the alert's own window nor the one before, which its
        peak depends on.
        """
        watermark = self._loaded.watermark
        if watermark is None or header.drop_ms > watermark.watermark_ms or header.is_open:
            return False
        next_finding = self._findings.get(neighbour(key, self._rules[key[:RULE_BYTES]].window_ms))
        return is_late(key) or next_finding is None or not _header_decoder.decode(next_finding).is_open

    def _header(self, key: bytes, log: _HitLog) -> Header:
        """The header of the window's finding, merged with its record of names."""
        finding, names_value = self._findings.get(key), self._names.pop(key, None)
        header = _header_decoder.decode(finding) if finding is not None else _no_finding(log)
        if names_value is None:
            return header
        record = decode_names(names_value)
        domains = {digest: self._pool[number] for digest, number in header.domains.items()}
        names = WindowNames(header.sender or record.sender, domains, header.labels)
        for domain in record.domains:
            names.add_domain(self._digest(domain.domain), domain)
        release(header, self._pool)
        header.sender, header.domains = names.sender, self._acquire(list(names.domains.values()))
        header.labels = list(dict.fromkeys([*header.labels, *record.labels]))
        header.final_ms, header.drop_ms, header.has_names_record = record.final_ms, record.drop_ms, True
        return header


_encoder = msgspec.msgpack.Encoder()
_header_decoder = msgspec.msgpack.Decoder(Header)


def _sequence(packed_header: bytes) -> int:
    last_alert = _header_decoder.decode(packed_header).last_alert
    return last_alert.sequence if last_alert is not None else 0


def _no_finding(log: _HitLog) -> Header:
    final_ms, drop_ms = log.due()
    return Header(final_ms, drop_ms, None, {}, [], has_names_record=False, count_is_minimum=False, last_alert=None)
