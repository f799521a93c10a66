"""A slot: all that is kept of one rule, key and window, and its packed form."""

import struct

import msgspec

from streams.events.finding import CLOSE, FINAL
from streams.findings.rules import Rule
from streams.findings.store.digests import HIT_BYTES, KEY_BYTES, RULE_BYTES
from streams.findings.store.interned import InternedDomains
from streams.findings.store.last_alert import LastAlert
from streams.findings.store.names import DOMAINS_KEPT, WindowNames
from streams.findings.store.tally import Tally, hits_of

_START = struct.Struct(">q")
_KEY_END = RULE_BYTES + KEY_BYTES
KEY_LENGTH = _KEY_END + _START.size
LATE_KEY_LENGTH = KEY_LENGTH + HIT_BYTES


def slot_key(rule: bytes, key: bytes, start_ms: int, opened_by: bytes = b"") -> bytes:
    """What names a slot: the digests of rule and key, the window's start, and of a late one the hit that opened it."""
    return rule + key + _START.pack(start_ms) + opened_by


def start_of(key: bytes) -> int:
    """The window's start in ms, from a slot's key."""
    start_ms: int = _START.unpack(key[_KEY_END:KEY_LENGTH])[0]
    return start_ms


def key_of(key: bytes) -> bytes:
    """The digest of the sender or domain, from a slot's key."""
    return key[RULE_BYTES:_KEY_END]


def neighbour(key: bytes, shift_ms: int) -> bytes:
    """The slot of the same rule and key whose window starts `shift_ms` later."""
    return key[:_KEY_END] + _START.pack(start_of(key) + shift_ms)


def is_late(key: bytes) -> bool:
    """Whether the slot is of mail that came after its window's state was dropped."""
    return len(key) == LATE_KEY_LENGTH


class WindowState:
    """The tally of one rule, key and window, the names behind it, and what was last published of it.

    `noted` says that the state topic has a record of its names apart from the finding's.
    """

    __slots__ = ("drop_ms", "final_ms", "key", "names", "noted", "published", "rule", "tally")

    def __init__(self, key: bytes, rule: Rule, final_ms: int, drop_ms: int) -> None:
        self.key, self.rule, self.final_ms, self.drop_ms = key, rule, final_ms, drop_ms
        self.tally = Tally(rule.count)
        self.names = WindowNames()
        self.noted = False
        self.published: LastAlert | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is a finding that was published, and is neither final nor withdrawn."""
        return _is_open(self.published)

    @property
    def is_named(self) -> bool:
        """Whether no name is missing, as one may be after a crash until the hits behind it are read again."""
        return len(self.names.domains) >= min(len(self.tally.domains), DOMAINS_KEPT)

    def pack(self, pool: InternedDomains) -> bytes:
        """As bytes: a header, which holds its names in the pool, and the tally's log."""
        header = Header(
            self.final_ms,
            self.drop_ms,
            self.names.sender,
            {digest: pool.hold(said) for digest, said in self.names.domains.items()},
            list(self.names.labels),
            self.noted,
            self.tally.refused,
            self.published,
        )
        return pack_slot(header, self.tally.packed())


class Header(msgspec.Struct, array_like=True):
    """What a packed slot is, apart from its tally; `domains` are numbers in the pool."""

    final_ms: int
    drop_ms: int
    sender: str | None
    domains: dict[bytes, int]
    labels: list[str]
    noted: bool
    refused: bool
    published: LastAlert | None

    @property
    def is_open(self) -> bool:
        """As of the slot."""
        return _is_open(self.published)


def _is_open(published: LastAlert | None) -> bool:
    return published is not None and published.window != FINAL and published.activity != CLOSE


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Header)
_LENGTH = struct.Struct("<I")


def pack_slot(header: Header, log: bytes | bytearray) -> bytes:
    """A slot's packed form."""
    packed = _encoder.encode(header)
    return b"".join((_LENGTH.pack(len(packed)), packed, log))


def header_of(packed: bytes) -> Header:
    """The header of a packed slot."""
    return _decoder.decode(memoryview(packed)[_LENGTH.size : _log_at(packed)])


def packed_hits(packed: bytes) -> list[bytes]:
    """The digests of the hits of a packed slot."""
    return list(hits_of(packed[_log_at(packed) :]))


def unpack_slot(key: bytes, rule: Rule, packed: bytes, pool: InternedDomains) -> WindowState:
    """The slot of a packed form, which holds its names itself from now on."""
    header = header_of(packed)
    slot = WindowState(key, rule, header.final_ms, header.drop_ms)
    slot.tally = Tally(rule.count, packed[_log_at(packed) :])
    slot.tally.refused = header.refused
    domains = {digest: pool[number] for digest, number in header.domains.items()}
    slot.names = WindowNames(header.sender, domains, header.labels)
    slot.noted, slot.published = header.noted, header.published
    release(header, pool)
    return slot


def release(header: Header, pool: InternedDomains) -> None:
    """Let go of the names that a header holds."""
    for number in header.domains.values():
        pool.release(number)


def _log_at(packed: bytes) -> int:
    length: int = _LENGTH.unpack_from(packed)[0]
    return _LENGTH.size + length
