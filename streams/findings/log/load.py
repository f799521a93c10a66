"""Restores the state of a partition from the records of its compacted topic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from streams.events.finding import CLOSE
from streams.events.mistaken_domain import MistakenDomain
from streams.findings.log.records import (
    FINDING,
    HIT,
    NAMES,
    WATERMARK,
    FindingRecord,
    Record,
    WatermarkRecord,
    decode_finding,
    decode_names,
    decode_watermark,
    drop_ms_of,
    hit_due,
    hit_entry,
    split_hit_key,
    tombstones,
)
from streams.findings.rules import Rule
from streams.findings.store.digests import HIT_BYTES, RULE_BYTES, Digests
from streams.findings.store.names import WindowNames
from streams.findings.store.tally import RECORD_BYTES, hit_digests
from streams.findings.store.window_state import KEY_LENGTH, Header, is_late, neighbour, release
from streams.findings.store.window_store import WindowStore


@dataclass
class LoadedState:
    """What a partition's records contain.

    `unconfirmed` are the records of findings whose last alert may not have been delivered, by window key. `orphaned`
    are keys of records whose rule is not configured, with the time at which they are dropped. `expired` are keys that
    should have been deleted before the load.
    """

    windows: WindowStore
    watermark: WatermarkRecord | None = None
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
        kept = dict.fromkeys(record for record in records if record[:HIT_BYTES] not in removed)
        self.bytes = bytearray(b"".join(kept))
        self.removed = None


class StateLoader:
    """Reads records in the order of the topic; the last record of a key is the valid one."""

    def __init__(self, rules: Mapping[bytes, Rule], digests: Digests, start_offset: int) -> None:
        """`start_offset` is where hits will be read from: the alerts of those may not have been delivered."""
        self._rules, self._digests, self._start_offset = rules, digests, start_offset
        self._logs: dict[bytes, _HitLog] = {}
        self._names: dict[bytes, bytes] = {}
        self._findings: dict[bytes, bytes] = {}
        self._domain_digests: dict[str, bytes] = {}
        self._loaded = LoadedState(WindowStore(rules))
        self._pool = self._loaded.windows.pool

    def read(self, records: Iterable[Record]) -> LoadedState:
        """Read all records, to the end of the topic. Raises UnreadableStateError."""
        for key, value in records:
            kind = key[:1]
            if key == WATERMARK:
                self._read_watermark(value)
            elif key[1 : 1 + RULE_BYTES] not in self._rules:
                self._read_orphan(key, value)
            elif kind == HIT:
                self._read_hit(key, value)
            elif kind == NAMES:
                self._read_names(key[1:], value)
            elif kind == FINDING:
                self._read_finding(key[1:], value)
        for window_key in dict.fromkeys([*self._logs, *self._names, *self._findings]):
            self._add_window(window_key)
        return self._loaded

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
        log.compact()
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
