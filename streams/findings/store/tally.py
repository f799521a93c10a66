"""The tally: the hits of one rule, key and window, counted; apart from them, the gate's questions about them.

A tally is a log of fixed-size records, one for each hit that changed it, and their merge. The merge takes the earliest
time and the best known delivery of each (mail, domain, recipients, sender), so it is independent of the order and the
repeats of hits. A tally that is not in use is kept as its packed log alone: 41 bytes a hit.
"""

import struct
from collections.abc import Iterable, Iterator
from typing import Self

from streams.events.delivery import STORED, STORED_RANKS, UNDELIVERED
from streams.findings.rules import Count
from streams.findings.store.asked_tally import FIRST_ASKED_RANK, AskedTally
from streams.findings.store.digests import HIT_BYTES

_DELIVERED = STORED_RANKS["delivered"]
_REFUSED = STORED_RANKS["rejected"]
_UNDELIVERED = tuple(STORED_RANKS[status] for status in UNDELIVERED)
DOMAINS_COUNTED = 1_000
"""Distinct mistaken domains of one tally. A sender with more of them is no slip of a hand."""
ENTRIES_PER_MAIL = 4
"""The most records that a tally keeps for each mail (or sender) that it can count."""

_CONTENT = struct.Struct("<8s4s4s8sqB")
_WHEN = struct.Struct("<qB")
RECORD_BYTES = HIT_BYTES + _CONTENT.size
_WHEN_AT = RECORD_BYTES - _WHEN.size
_IDENTITY = slice(HIT_BYTES, _WHEN_AT)
_MAIL, _DOMAIN, _SENDER = slice(0, 8), slice(8, 12), slice(16, 24)
"""Within the identity."""
_RANKS = 8
"""A time in ms and a rank are kept as one number, time * _RANKS + rank, which takes half the memory of a pair."""


class Entry(bytes):
    """One hit in a tally, as RECORD_BYTES bytes: its digest, and its content, which is what is counted of it."""

    __slots__ = ()

    @staticmethod
    def content(mail: bytes, domain: bytes, recipients: bytes, sender: bytes, time_ms: int, rank: int) -> bytes:
        """The content: digests, the time and the rank of the delivery, or that of the outcome of a question of the
        gate, to which `mail` belongs then."""
        return _CONTENT.pack(mail, domain, recipients, sender, time_ms, rank)

    @classmethod
    def of(cls, hit: bytes, content: bytes) -> Self:
        """The entry of a hit's digest and content."""
        return cls(hit + content)

    @property
    def hit(self) -> bytes:
        """The hit's digest."""
        return self[:HIT_BYTES]

    @property
    def identity(self) -> bytes:
        """What distinguishes it in a tally: the digests of mail, domain, recipients and sender."""
        return self[_IDENTITY]

    @property
    def domain(self) -> bytes:
        """The digest of the mistaken domain."""
        return self.identity[_DOMAIN]

    @property
    def time_and_rank(self) -> tuple[int, int]:
        """The time in ms, and the rank."""
        found: tuple[int, int] = _WHEN.unpack_from(self, _WHEN_AT)
        return found


_NOT_ASKED = AskedTally(_MAIL, _DOMAIN)
"""That of all tallies without a question: nothing is added to it."""


class Tally:
    """The merged hits of one rule, key and window. Adding takes constant time."""

    __slots__ = (
        "_known",
        "_packed",
        "_ranks",
        "_unit",
        "asked",
        "count_is_minimum",
        "delivered",
        "delivered_domains",
        "domains",
        "units",
    )

    def __init__(self, count: Count, packed: bytes = b"") -> None:
        """`packed` is a log that `packed()` returned; `count` is what to count."""
        self._unit = _MAIL if count == "mails" else _SENDER
        self._packed = bytearray()
        self.count_is_minimum = False
        """Whether a hit was refused because the tally was full."""
        self._reset()
        self._append_all(_entries_of(packed))

    def _reset(self) -> None:
        self._known: dict[bytes, int] = {}
        self._ranks = [0] * len(STORED)
        self.units: set[bytes] = set()
        """The distinct mails (or senders)."""
        self.domains: set[bytes] = set()
        """The distinct mistaken domains."""
        self.delivered: set[bytes] = set()
        """The distinct mails known to have been delivered to at least one recipient."""
        self.delivered_domains: set[bytes] = set()
        """The mistaken domains to which they were delivered."""
        self.asked = _NOT_ASKED
        """The questions of the gate: they count for nothing else, and take no room of what does."""

    def __len__(self) -> int:
        return len(self._packed) // RECORD_BYTES

    def packed(self) -> bytes:
        """The log of records, from which `Tally` builds an equal tally."""
        return bytes(self._packed)

    def hits(self) -> Iterator[bytes]:
        """The digests of the hits in the log, in the order in which they were added."""
        return hit_digests(self._packed)

    def has(self, entry: Entry) -> bool:
        """Whether a hit of the same mail, domain, recipients and sender is counted."""
        identity = entry.identity
        return identity in self._known or identity in self.asked

    def add(self, entry: Entry, max_units: int) -> bool:
        """Add a hit; whether it changed the tally. Refused beyond `max_units` units, 4 times as many
        records, or DOMAINS_COUNTED mistaken domains; so are questions, by their own number of each."""
        identity, (time_ms, rank) = entry[_IDENTITY], _WHEN.unpack_from(entry, _WHEN_AT)
        if rank >= FIRST_ASKED_RANK:
            return self._add_asked(entry, identity, time_ms, rank, max_units)
        if (known := self._known.get(identity)) is not None:
            known_ms, known_rank = divmod(known, _RANKS)
            if time_ms >= known_ms and rank <= known_rank:
                return False
        full = len(self.units) >= max_units and identity[self._unit] not in self.units
        scattered = len(self.domains) >= DOMAINS_COUNTED and identity[_DOMAIN] not in self.domains
        if full or scattered or len(self) - self.asked.records >= ENTRIES_PER_MAIL * max_units:
            self.count_is_minimum = True
            return False
        self._append(entry, identity, time_ms, rank)
        return True

    def _add_asked(self, entry: Entry, identity: bytes, time_ms: int, rank: int, max_units: int) -> bool:
        asked = self.asked
        if not asked.is_news(identity, time_ms, rank):
            return False
        scattered = len(asked.domains) >= DOMAINS_COUNTED and identity[_DOMAIN] not in asked.domains
        if scattered or not asked.has_room(identity, max_units) or asked.records >= ENTRIES_PER_MAIL * max_units:
            return False
        self._append(entry, identity, time_ms, rank)
        return True

    def remove(self, domains: set[bytes]) -> list[bytes]:
        """Remove the hits of these domains (digests); returns the digests of the removed hits."""
        removed = [entry for entry in self._entries() if entry.domain in domains]
        if removed:
            left = [entry for entry in self._entries() if entry.domain not in domains]
            self._packed.clear()
            self._reset()
            if any(entry.time_and_rank[1] < FIRST_ASKED_RANK for entry in removed):
                self.count_is_minimum = False
            self._append_all(left)
        return [entry.hit for entry in removed]

    def moments(self) -> Iterator[tuple[int, bytes]]:
        """(time in ms, mail or sender) of each entry, in no order."""
        return ((known // _RANKS, identity[self._unit]) for identity, known in self._known.items())

    def all_domains(self) -> set[bytes]:
        """The digests of the domains that mail went to, and of those that the gate asked about."""
        return self.domains | self.asked.domains if self.asked.domains else self.domains

    @property
    def has_refused(self) -> bool:
        """Whether a mail was refused to a recipient: it was never accepted."""
        return self._ranks[_REFUSED] > 0

    def accepted_domains(self) -> set[bytes]:
        """The digests of the domains to which a mail was accepted, or may have been."""
        if not self.has_refused:
            return self.domains
        return {identity[_DOMAIN] for identity, known in self._known.items() if known % _RANKS != _REFUSED}

    def accepted_moments(self) -> Iterator[tuple[int, bytes]]:
        """As `moments`, without the entries of mails that were refused."""
        moments = ((divmod(known, _RANKS), identity[self._unit]) for identity, known in self._known.items())
        return ((time_ms, unit) for (time_ms, rank), unit in moments if rank != _REFUSED)

    def first_and_last_ms(self) -> tuple[int, int]:
        """The earliest and the latest time of an entry. ValueError if the tally is empty."""
        if not self._known:
            times_ms = list(self.asked.times_ms())
            return min(times_ms), max(times_ms)
        return min(self._known.values()) // _RANKS, max(self._known.values()) // _RANKS

    def is_undelivered(self) -> bool:
        """Whether it is known that no mail was delivered to any recipient; False for an empty tally."""
        return bool(self._known) and sum(self._ranks[rank] for rank in _UNDELIVERED) == len(self._known)

    def mails_by_delivery(self) -> dict[str, int]:
        """The number of distinct mails by delivery status; a mail counts under each status that its recipients have."""
        if self._unit is _MAIL and len(self._known) == len(self.units):  # each mail has one entry
            return {STORED[rank]: number for rank, number in enumerate(self._ranks) if number}
        mails: dict[int, set[bytes]] = {}
        for identity, known in self._known.items():
            mails.setdefault(known % _RANKS, set()).add(identity[_MAIL])
        return {STORED[rank]: len(mails[rank]) for rank in sorted(mails)}

    def _entries(self) -> Iterator[Entry]:
        return _entries_of(bytes(self._packed))

    def _append_all(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._append(entry, entry.identity, *entry.time_and_rank)

    def _append(self, entry: Entry, identity: bytes, time_ms: int, rank: int) -> None:
        self._packed += entry
        if rank >= FIRST_ASKED_RANK:
            if self.asked is _NOT_ASKED:
                self.asked = AskedTally(self._unit, _DOMAIN)
            self.asked.add(identity, time_ms, rank)
            return
        mail = identity[_MAIL]
        known = self._known.get(identity)
        if known is None:
            self.units.add(mail if self._unit is _MAIL else identity[self._unit])
            self.domains.add(identity[_DOMAIN])
        else:
            known_ms, known_rank = divmod(known, _RANKS)
            self._ranks[known_rank] -= 1
            time_ms, rank = min(time_ms, known_ms), max(rank, known_rank)
        self._known[identity] = time_ms * _RANKS + rank
        self._ranks[rank] += 1
        if rank == _DELIVERED:
            self.delivered.add(mail)  # mostly the same object as in `units`
            self.delivered_domains.add(identity[_DOMAIN])


def _entries_of(packed: bytes) -> Iterator[Entry]:
    return (Entry(packed[at : at + RECORD_BYTES]) for at in range(0, len(packed), RECORD_BYTES))


def hit_digests(packed: bytes | bytearray) -> Iterator[bytes]:
    """The digests of the hits in a packed log."""
    return (bytes(packed[at : at + HIT_BYTES]) for at in range(0, len(packed), RECORD_BYTES))
