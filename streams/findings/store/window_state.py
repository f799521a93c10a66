"""The state of one window (one rule, one key) and its packed form."""

import struct

import msgspec

from streams.events.finding import CLOSE, FINAL
from streams.findings.rules import Rule
from streams.findings.store.digests import HIT_BYTES, KEY_BYTES, RULE_BYTES
from streams.findings.store.interned import InternedDomains
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.names import DOMAINS_KEPT, WindowNames
from streams.findings.store.tally import Tally, hit_digests

_START = struct.Struct(">q")
_KEY_END = RULE_BYTES + KEY_BYTES
KEY_LENGTH = _KEY_END + _START.size
LATE_KEY_LENGTH = KEY_LENGTH + HIT_BYTES


def window_key(rule: bytes, key: bytes, start_ms: int, first_hit: bytes = b"") -> bytes:
    """The key of a window's state: the digests of rule and key, the window's start, and the first hit if it is late."""
    return rule + key + _START.pack(start_ms) + first_hit


def start_of(window_key: bytes) -> int:
    """The window's start in ms."""
    start_ms: int = _START.unpack(window_key[_KEY_END:KEY_LENGTH])[0]
    return start_ms


def key_of(window_key: bytes) -> bytes:
    """The digest of the sender or domain that the window counts."""
    return window_key[RULE_BYTES:_KEY_END]


def neighbour(window_key: bytes, shift_ms: int) -> bytes:
    """The key of the window of the same rule and key that starts `shift_ms` later."""
    return window_key[:_KEY_END] + _START.pack(start_of(window_key) + shift_ms)


def is_late(window_key: bytes) -> bool:
    """Whether the window counts mail that arrived after its regular window's state was dropped."""
    return len(window_key) == LATE_KEY_LENGTH


class WindowState:
    """The tally of one rule, key and window, the names behind its digests, and the last alert of its finding.

    `has_names_record` is true while the state topic has a record of the names besides the finding's own.
    """

    __slots__ = ("drop_ms", "final_ms", "has_names_record", "key", "last_alert", "names", "rule", "tally")

    def __init__(self, key: bytes, rule: Rule, final_ms: int, drop_ms: int) -> None:
        self.key, self.rule, self.final_ms, self.drop_ms = key, rule, final_ms, drop_ms
        self.tally = Tally(rule.count)
        self.names = WindowNames()
        self.has_names_record = False
        self.last_alert: LastAlert | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has a published finding that is neither final nor withdrawn."""
        return _is_open(self.last_alert)

    @property
    def has_all_names(self) -> bool:
        """Whether every counted domain has its name; after a crash one may be missing until its hits are read again."""
        return len(self.names.domains) >= min(len(self.tally.all_domains()), DOMAINS_KEPT)

    def pack(self, pool: InternedDomains) -> bytes:
        """The packed form: a header, whose domains are acquired from the pool, and the tally's log."""
        header = Header(
            self.final_ms,
            self.drop_ms,
            self.names.sender,
            {digest: pool.acquire(domain) for digest, domain in self.names.domains.items()},
            list(self.names.labels),
            self.has_names_record,
            self.tally.count_is_minimum,
            self.last_alert,
        )
        return pack_window(header.encoded(), self.tally.packed())


class Header(msgspec.Struct, array_like=True):
    """A packed window without its tally; `domains` are numbers in the pool, by digest."""

    final_ms: int
    drop_ms: int
    sender: str | None
    domains: dict[bytes, int]
    labels: list[str]
    has_names_record: bool
    count_is_minimum: bool
    last_alert: LastAlert | None

    @property
    def is_open(self) -> bool:
        """As `WindowState.is_open`."""
        return _is_open(self.last_alert)

    def encoded(self) -> bytes:
        """The header's bytes in a packed window."""
        return _encoder.encode(self)

    @classmethod
    def decoded(cls, encoded: bytes | memoryview) -> "Header":
        """The header of its bytes."""
        return _decoder.decode(encoded)


def _is_open(last_alert: LastAlert | None) -> bool:
    return last_alert is not None and last_alert.window != FINAL and last_alert.activity != CLOSE


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Header)
_LENGTH = struct.Struct("<I")


def pack_window(header: bytes, log: bytes | bytearray) -> bytes:
    """The packed form of a window: the length of its encoded header, the header, the tally's log."""
    return b"".join((_LENGTH.pack(len(header)), header, log))


def header_of(packed: bytes) -> Header:
    """The header of a packed window."""
    return Header.decoded(memoryview(packed)[_LENGTH.size : _log_start(packed)])


def packed_hits(packed: bytes) -> list[bytes]:
    """The digests of the hits of a packed window."""
    return list(hit_digests(packed[_log_start(packed) :]))


def unpack_window(key: bytes, rule: Rule, packed: bytes, pool: InternedDomains) -> WindowState:
    """The state of a packed window; its domains are released from the pool."""
    header = header_of(packed)
    window = WindowState(key, rule, header.final_ms, header.drop_ms)
    window.tally = Tally(rule.count, packed[_log_start(packed) :])
    window.tally.count_is_minimum = header.count_is_minimum
    domains = {digest: pool[number] for digest, number in header.domains.items()}
    window.names = WindowNames(header.sender, domains, header.labels)
    window.has_names_record, window.last_alert = header.has_names_record, header.last_alert
    release(header, pool)
    return window


def release(header: Header, pool: InternedDomains) -> None:
    """Release a header's domains from the pool."""
    for number in header.domains.values():
        pool.release(number)


def _log_start(packed: bytes) -> int:
    length: int = _LENGTH.unpack_from(packed)[0]
    return _LENGTH.size + length
