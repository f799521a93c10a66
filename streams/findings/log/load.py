"""Restores the state of a partition from the records of its compacted topic."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import NamedTuple

from msgspec import Raw, structs

from streams.counted import counted
from streams.events.finding import CLOSE
from streams.findings.log.records import (
    CHECK,
    DUE_BYTES,
    FINDING,
    HIT,
    HIT_ENTRY_BYTES,
    HIT_VALUE_BYTES,
    NAMES,
    SOURCE,
    UNCHECKED,
    WATERMARK,
    CheckRecord,
    FindingRecord,
    NamesRecord,
    Record,
    RestoredFinding,
    WatermarkRecord,
    decode_check,
    decode_domain,
    decode_finding,
    decode_names,
    decode_restored,
    decode_watermark,
    drop_ms_of,
    hit_entry,
    source_offset,
    split_due,
    split_hit_key,
    tombstones,
)
from streams.findings.rules import Rule
from streams.findings.store.agenda import Agenda
from streams.findings.store.digests import HIT_BYTES, RULE_BYTES, Digests
from streams.findings.store.names import WindowNames
from streams.findings.store.source_offsets import SourceOffsets
from streams.findings.store.tally import RECORD_BYTES, hit_digests
from streams.findings.store.window_state import KEY_LENGTH, Header, is_late, neighbour, release
from streams.findings.store.window_store import WindowStore

DOMAINS_DECODED = 10_000
"""The most domains that are remembered as they are written, while a state is read."""


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
    should have been deleted before the load. `loss` is what is known to be missing. `finals` has the windows by the
    time at which they become final, `open` the number of open findings by the digest of the rule, `grown` the windows
    whose finding is open and has grown since its last alert, and `published` is the number of windows that have a
    finding.
    """

    windows: WindowStore
    watermark: WatermarkRecord | None = None
    check: CheckRecord = UNCHECKED
    loss: Loss | None = None
    sources: SourceOffsets = field(default_factory=SourceOffsets)
    unconfirmed: dict[bytes, bytes] = field(default_factory=dict)
    orphaned: dict[bytes, int] = field(default_factory=dict)
    expired: list[bytes] = field(default_factory=list)
    finals: Agenda = field(default_factory=Agenda)
    open: Counter[bytes] = field(default_factory=Counter)
    grown: list[bytes] = field(default_factory=list)
    published: int = 0

    def late_windows(self) -> dict[bytes, bytes]:
        """By the key of the regular window: the key of its newest late window."""
        keys = sorted(filter(is_late, self.windows), key=lambda key: self.windows.peek(key).final_ms)
        return {key[:KEY_LENGTH]: key for key in keys}


class _HitLogs:
    """The hits of each window: the due times of the first one, then the entries of all. Each window has one object, as
    there may be a million hits. Removed hits are cut out once they are half of a log."""

    def __init__(self) -> None:
        self.logs: dict[bytes, bytearray] = {}
        self.removed: dict[bytes, set[bytes]] = {}

    def add(self, window_key: bytes, hit: bytes, value: bytes) -> None:
        entry = hit_entry(value)
        self.logs.setdefault(window_key, bytearray(value[HIT_ENTRY_BYTES:])).extend(hit + entry)
        self.removed.get(window_key, set()).discard(hit)

    def remove(self, window_key: bytes, hit: bytes) -> None:
        log = self.logs.get(window_key)
        if log is None:
            return
        removed = self.removed.setdefault(window_key, set())
        removed.add(hit)
        if 2 * len(removed) * RECORD_BYTES >= len(log) - DUE_BYTES:
            self.compact(window_key)
            if len(log) == DUE_BYTES:
                del self.logs[window_key]

    def compact(self, window_key: bytes) -> None:
        """Leave each hit once, without those removed."""
        log = self.logs[window_key]
        entries = dict(_ENTRY.iter_unpack(memoryview(log)[DUE_BYTES:]))
        for hit in self.removed.pop(window_key, ()):
            entries.pop(hit, None)
        if len(entries) * RECORD_BYTES < len(log) - DUE_BYTES:
            log[DUE_BYTES:] = b"".join(part for entry in entries.items() for part in entry)

    def count(self) -> int:
        return (sum(map(len, self.logs.values())) - DUE_BYTES * len(self.logs)) // RECORD_BYTES


_ENTRY = Struct(f"{HIT_BYTES}s{HIT_ENTRY_BYTES}s")


class _Window(NamedTuple):
    """A window's header, encoded, and what it has of times (ms since the epoch) and of the finding: the sequence of the
    last alert, and `hits` in the tally then; -1 where that isn't known."""

    header: bytes
    final_ms: int
    drop_ms: int
    is_open: bool
    has_finding: bool
    sequence: int
    hits: int

    @classmethod
    def of(cls, header: Header) -> "_Window":
        last = header.last_alert
        if last is None:
            return cls(header.encoded(), header.final_ms, header.drop_ms, False, False, 0, -1)
        return cls(header.encoded(), header.final_ms, header.drop_ms, header.is_open, True, last.sequence, last.hits)


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
        self._hits = _HitLogs()
        self._names: dict[bytes, bytes] = {}
        self._findings: dict[bytes, _Window] = {}
        self._domains: dict[bytes, tuple[bytes, int]] = {}
        """By the JSON of a domain: its digest, and its number in the pool, to which a reference is kept meanwhile."""
        self._loaded = LoadedState(windows)
        self._pool = self._loaded.windows.pool

    def read(self, records: Iterable[Record]) -> LoadedState:
        """Read all records, to the end of the topic. Raises UnreadableStateError."""
        read, read_finding, deleted = self._read, self._read_finding, self._deleted
        logs, removed, rules = self._hits.logs, self._hits.removed, self._rules
        for key, value in records:
            if value is not None and not deleted:  # as with most records
                if key.startswith(HIT):
                    log = logs.get(window_key := key[1:-HIT_BYTES])
                    if log is not None and len(value) == HIT_VALUE_BYTES and window_key not in removed:
                        log += key[-HIT_BYTES:] + value[:HIT_ENTRY_BYTES]
                        continue
                elif key.startswith(FINDING) and key[1 : 1 + RULE_BYTES] in rules:
                    read_finding(key[1:], value)
                    continue
            read(key, value)
        for window_key in logs:
            self._hits.compact(window_key)
        self._loaded.loss = self._find_loss()
        if self._loaded.loss is not None and self._loaded.loss.recounted:
            self._count_again()
        for window_key in dict.fromkeys([*logs, *self._names, *self._findings]):
            self._add_window(window_key)
        self._forget_domains()
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
        has_any = self._hits.logs or self._names or self._findings or self._loaded.orphaned
        if has_any and self._is_older():
            return None
        return Loss(1 if has_any else None, recounted=False)

    def _is_older(self) -> bool:
        """Whether nothing is there that only versions with check records write."""
        return not self._loaded.sources and all(finding.hits < 0 for finding in self._findings.values())

    def _missing(self) -> int:
        """How many records of hits and of findings there should be more."""
        check, there = self._loaded.check, Counter(key[:1] for key in [*self._deleted, *self._loaded.orphaned])
        there[HIT] += self._hits.count()
        there[FINDING] += len(self._findings)
        return max(0, check.hits - there[HIT]) + max(0, check.findings - there[FINDING])

    def _count_again(self) -> None:
        """Keep what is left of the windows, to which the hits add what is missing; forget how far they were counted."""
        self._loaded.watermark = None
        self._loaded.sources.forget()

    def _read_hit(self, key: bytes, value: bytes | None) -> None:
        if value is not None:
            self._hits.add(*split_hit_key(key), value)
        else:
            self._hits.remove(*split_hit_key(key))

    def _read_names(self, window_key: bytes, value: bytes | None) -> None:
        if value is None:
            self._names.pop(window_key, None)
        else:
            self._names[window_key] = value

    def _read_finding(self, window_key: bytes, value: bytes | None) -> None:
        """Skip a lower sequence after a higher one: a worker that had lost its partition wrote it."""
        last = self._findings.get(window_key)
        record = decode_restored(value) if value is not None else None
        if last is not None:
            if record is not None and last.sequence > record.state.sequence:
                return
            release(Header.decoded(self._findings.pop(window_key).header), self._pool)
            self._loaded.unconfirmed.pop(window_key, None)
        if record is not None and value is not None:
            self._findings[window_key] = _Window.of(self._header_of(record))
            if record.offset >= self._start_offset:
                decode_finding(value)  # all of it is needed soon, and what is damaged is refused here
                self._loaded.unconfirmed[window_key] = value

    def _header_of(self, record: FindingRecord[RestoredFinding]) -> Header:
        """The record of a withdrawn finding has the names of what was withdrawn, which its window no longer has."""
        state, last_alert = record.state, record.last_alert()
        is_withdrawn = state.activity == CLOSE
        return Header(
            final_ms=record.final_ms,
            drop_ms=record.drop_ms,
            sender=state.sender,
            domains={} if is_withdrawn else dict(map(self._acquire, state.domains)),
            labels=[] if is_withdrawn else state.labels,
            has_names_record=False,
            count_is_minimum=last_alert.count_is_minimum,
            last_alert=last_alert,
        )

    def _acquire(self, written: Raw) -> tuple[bytes, int]:
        """The digest of a domain, and its number in the pool."""
        known = self._domains.get(text := bytes(written))
        if known is None:
            if len(self._domains) >= DOMAINS_DECODED:
                self._forget_domains()
            domain = decode_domain(text)
            known = self._domains[text] = self._digests.domain(domain.domain), self._pool.acquire(domain)
        self._pool.acquire_again(known[1])
        return known

    def _forget_domains(self) -> None:
        for _, number in self._domains.values():
            self._pool.release(number)
        self._domains.clear()

    def _add_window(self, key: bytes) -> None:
        log = self._hits.logs.pop(key, _NO_HITS)
        due, entries = bytes(log[:DUE_BYTES]), log[DUE_BYTES:]
        window = self._window(key, due)
        if self._has_expired(key, window):
            self._expire(key, window, entries)
            return
        loaded = self._loaded
        loaded.windows.add_packed(key, window.header, entries)
        loaded.finals.add(window.final_ms, key)
        if window.is_open:
            loaded.open[key[:RULE_BYTES]] += 1
            if window.hits * RECORD_BYTES != len(entries):
                loaded.grown.append(key)
        loaded.published += window.has_finding

    def _expire(self, key: bytes, window: _Window, entries: bytearray) -> None:
        header, hits = Header.decoded(window.header), list(hit_digests(entries))
        release(header, self._pool)
        expired = tombstones(key, hits, has_names=header.has_names_record, has_finding=window.has_finding)
        self._loaded.expired.extend(record_key for record_key, _ in expired)

    def _has_expired(self, key: bytes, window: _Window) -> bool:
        """Whether some of the window's records may have been deleted already, so that no hit may be counted in it.

        Nothing is deleted while a final alert is due: neither the alert's own window nor the one before, which its
        peak depends on.
        """
        watermark = self._loaded.watermark
        if watermark is None or window.drop_ms > watermark.watermark_ms or window.is_open:
            return False
        next_finding = self._findings.get(neighbour(key, self._rules[key[:RULE_BYTES]].window_ms))
        return is_late(key) or next_finding is None or not next_finding.is_open

    def _window(self, key: bytes, due: bytes) -> _Window:
        """The window of the finding, with what the record of names adds; `due` has the times of its first hit."""
        finding, names_value = self._findings.get(key), self._names.pop(key, None)
        if finding is not None and names_value is None:
            return finding
        header = Header.decoded(finding.header) if finding is not None else _no_finding(due)
        return _Window.of(header if names_value is None else self._with_names(header, decode_names(names_value)))

    def _with_names(self, header: Header, record: NamesRecord) -> Header:
        domains = {digest: self._pool[number] for digest, number in header.domains.items()}
        names = WindowNames(header.sender or record.sender, domains, header.labels)
        for domain in record.domains:
            names.add_domain(self._digests.domain(domain.domain), domain)
        release(header, self._pool)
        acquired = {digest: self._pool.acquire(domain) for digest, domain in names.domains.items()}
        header.sender, header.domains = names.sender, acquired
        header.labels = list(dict.fromkeys([*header.labels, *record.labels]))
        header.final_ms, header.drop_ms, header.has_names_record = record.final_ms, record.drop_ms, True
        return header


_NO_HITS = bytearray(DUE_BYTES)


def _no_finding(due: bytes) -> Header:
    final_ms, drop_ms = split_due(due)
    return Header(final_ms, drop_ms, None, {}, [], has_names_record=False, count_is_minimum=False, last_alert=None)
