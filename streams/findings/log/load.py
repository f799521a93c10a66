"""The state of a partition, rebuilt from the records of its compacted topic."""

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
from streams.findings.store.tally import RECORD_BYTES, hits_of
from streams.findings.store.window_state import KEY_LENGTH, Header, is_late, neighbour, release
from streams.findings.store.window_store import WindowStore


@dataclass
class Loaded:
    """What the records came to.

    `unsure` are the values of findings whose alert may not have been delivered, by slot; `foreign` are keys of rules
    that are unknown here, with the time when they are dropped; `doomed` are keys whose tombstones were due before the
    load.
    """

    slots: WindowStore
    watermark: WatermarkRecord | None = None
    unsure: dict[bytes, bytes] = field(default_factory=dict)
    foreign: dict[bytes, int] = field(default_factory=dict)
    doomed: list[bytes] = field(default_factory=list)

    def late(self) -> dict[bytes, bytes]:
        """By the window's slot key, the late slot that was opened last."""
        keys = sorted(filter(is_late, self.slots), key=lambda key: self.slots.peek(key).final_ms)
        return {key[:KEY_LENGTH]: key for key in keys}


class _Log:
    """The hits of one slot, and the `newest` one's value. What was taken out is cut out of the bytes once it is half of
    them."""

    __slots__ = ("bytes", "gone", "newest")

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.gone: set[bytes] | None = None  # a set weighs more than most logs
        self.newest = b""

    def add(self, hit: bytes, value: bytes) -> None:
        self.bytes += hit + hit_entry(value)
        self.newest = value
        if self.gone is not None:
            self.gone.discard(hit)

    def due(self) -> tuple[int, int]:
        """(final_ms, drop_ms) as the newest hit has them; 0 where there was none."""
        return hit_due(self.newest) if self.newest else (0, 0)

    def remove(self, hit: bytes) -> None:
        self.gone = self.gone if self.gone is not None else set()
        self.gone.add(hit)
        if 2 * len(self.gone) * RECORD_BYTES >= len(self.bytes):
            self.settle()

    def settle(self) -> None:
        """Each hit once, none that is gone."""
        if len(self.bytes) <= RECORD_BYTES and self.gone is None:
            return
        records = (bytes(self.bytes[at : at + RECORD_BYTES]) for at in range(0, len(self.bytes), RECORD_BYTES))
        gone = self.gone if self.gone is not None else set()
        kept = dict.fromkeys(record for record in records if record[:HIT_BYTES] not in gone)
        self.bytes = bytearray(b"".join(kept))
        self.gone = None


class Loader:
    """Takes records in the order of the log; the last of a key holds."""

    def __init__(self, rules: Mapping[bytes, Rule], digests: Digests, start_offset: int) -> None:
        """`start_offset` is where hits will be read from: what was published for those may be unsent."""
        self._rules, self._digests, self._start_offset = rules, digests, start_offset
        self._logs: dict[bytes, _Log] = {}
        self._names: dict[bytes, bytes] = {}
        self._findings: dict[bytes, bytes] = {}
        self._domains: dict[str, bytes] = {}
        self._loaded = Loaded(WindowStore(rules))
        self._pool = self._loaded.slots.pool

    def read(self, records: Iterable[Record]) -> Loaded:
        """All records, to the end of the log."""
        for key, value in records:
            kind = key[:1]
            if key == WATERMARK:
                self._read_watermark(value)
            elif key[1 : 1 + RULE_BYTES] not in self._rules:
                self._read_foreign(key, value)
            elif kind == HIT:
                self._read_hit(key, value)
            elif kind == NAMES:
                self._read_names(key[1:], value)
            elif kind == FINDING:
                self._read_finding(key[1:], value)
        for slot in dict.fromkeys([*self._logs, *self._names, *self._findings]):
            self._finish(slot)
        return self._loaded

    def _read_foreign(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self._loaded.foreign.pop(key, None)
        elif key[:1] in (HIT, NAMES, FINDING):
            self._loaded.foreign[key] = drop_ms_of(key, value)

    def _read_watermark(self, value: bytes | None) -> None:
        """A lower one after a higher one is from a worker that had lost its partition."""
        record, known = decode_watermark(value) if value is not None else None, self._loaded.watermark
        if record is None or known is None or record.watermark_ms >= known.watermark_ms:
            self._loaded.watermark = record

    def _read_hit(self, key: bytes, value: bytes | None) -> None:
        slot, hit = split_hit_key(key)
        log = self._logs.get(slot)
        if value is not None:
            if log is None:
                log = self._logs[slot] = _Log()
            log.add(hit, value)
        elif log is not None:
            log.remove(hit)
            if not log.bytes:
                del self._logs[slot]

    def _read_names(self, slot: bytes, value: bytes | None) -> None:
        if value is None:
            self._names.pop(slot, None)
        else:
            self._names[slot] = value

    def _read_finding(self, slot: bytes, value: bytes | None) -> None:
        """A lower sequence after a higher one is from a worker that had lost its partition."""
        known = self._findings.get(slot)
        record = decode_finding(value) if value is not None else None
        if known is not None:
            if record is not None and _sequence(known) > record.state.sequence:
                return
            release(_header_decoder.decode(self._findings.pop(slot)), self._pool)
            self._loaded.unsure.pop(slot, None)
        if record is not None and value is not None:
            self._findings[slot] = _encoder.encode(self._header_of(record))
            if record.offset >= self._start_offset:
                self._loaded.unsure[slot] = value

    def _header_of(self, record: FindingRecord) -> Header:
        """What a withdrawn finding was withdrawn for is named in its record, and no more in its slot."""
        state = record.state
        is_withdrawn = state.activity == CLOSE
        return Header(
            final_ms=record.final_ms,
            drop_ms=record.drop_ms,
            sender=state.sender,
            domains={} if is_withdrawn else self._hold(state.domains),
            labels=[] if is_withdrawn else state.labels,
            noted=False,
            refused=state.count_is_minimum,
            published=record.published(),
        )

    def _hold(self, domains: list[MistakenDomain]) -> dict[bytes, int]:
        return {self._digest(said.domain): self._pool.hold(said) for said in domains}

    def _digest(self, domain: str) -> bytes:
        if domain not in self._domains:
            self._domains[domain] = self._digests.domain(domain)
        return self._domains[domain]

    def _finish(self, slot: bytes) -> None:
        log = self._logs.pop(slot, None) or _Log()
        log.settle()
        header = self._header(slot, log)
        if self._is_doomed(slot, header):
            hits = list(hits_of(log.bytes))
            release(header, self._pool)
            doomed = tombstones(slot, hits, noted=header.noted, published=header.published is not None)
            self._loaded.doomed.extend(key for key, _ in doomed)
        else:
            self._loaded.slots.add_packed(slot, header, log.bytes)

    def _is_doomed(self, slot: bytes, header: Header) -> bool:
        """Whether some of it may have been dropped already, so that no hit may be counted there any more.

        Nothing is dropped while a final alert is due, neither what it tells nor the window before, on which it rests.
        """
        watermark = self._loaded.watermark
        if watermark is None or header.drop_ms > watermark.watermark_ms or header.is_open:
            return False
        after = self._findings.get(neighbour(slot, self._rules[slot[:RULE_BYTES]].window_ms))
        return is_late(slot) or after is None or not _header_decoder.decode(after).is_open

    def _header(self, slot: bytes, log: _Log) -> Header:
        finding, noted = self._findings.get(slot), self._names.pop(slot, None)
        header = _header_decoder.decode(finding) if finding is not None else _no_finding(log)
        if noted is None:
            return header
        record = decode_names(noted)
        said = {digest: self._pool[number] for digest, number in header.domains.items()}
        names = WindowNames(header.sender or record.sender, said, header.labels)
        for domain in record.domains:
            names.add_domain(self._digest(domain.domain), domain)
        release(header, self._pool)
        header.sender, header.domains = names.sender, self._hold(list(names.domains.values()))
        header.labels = list(dict.fromkeys([*header.labels, *record.labels]))
        header.final_ms, header.drop_ms, header.noted = record.final_ms, record.drop_ms, True
        return header


_encoder = msgspec.msgpack.Encoder()
_header_decoder = msgspec.msgpack.Decoder(Header)


def _sequence(header: bytes) -> int:
    published = _header_decoder.decode(header).published
    return published.sequence if published is not None else 0


def _no_finding(log: _Log) -> Header:
    final_ms, drop_ms = log.due()
    return Header(final_ms, drop_ms, None, {}, [], noted=False, refused=False, published=None)
