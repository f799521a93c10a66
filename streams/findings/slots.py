"""The slots of one partition: packed, but for those that were used last."""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping

from streams.events.finding import MistakenDomain
from streams.findings.digests import RULE_BYTES
from streams.findings.rules import Rule
from streams.findings.slot import Header, Slot, header_of, pack_slot, packed_hits, unpack_slot

MOST_IN_USE = 5_000
MOST_HITS_IN_USE = 200_000


class Slots:
    """Slots by key. `get` gives a slot that may be changed in place until `trim` is called.

    `rules` are the rules by their digests, with which keys begin. `domains` tells in how many slots a mistaken domain
    has a name, so that nobody must look at all slots to find none.
    """

    def __init__(self, rules: Mapping[bytes, Rule]) -> None:
        self._rules = rules
        self._slots: dict[bytes, bytes | Slot] = {}
        self._in_use: OrderedDict[bytes, None] = OrderedDict()
        self.domains: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._slots)

    def __contains__(self, key: bytes) -> bool:
        return key in self._slots

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._slots)

    def add(self, slot: Slot) -> None:
        """Take a new slot in, with what its names hold already."""
        self._slots[slot.key] = slot
        self._in_use[slot.key] = None
        self.domains.update(domain.domain for domain in slot.names.domains.values())

    def add_packed(self, key: bytes, header: Header, log: bytes | bytearray) -> None:
        """Take a loaded slot in without unpacking it."""
        self._slots[key] = pack_slot(header, log)
        self.domains.update(domain.domain for domain in header.domains.values())

    def get(self, key: bytes) -> Slot | None:
        """The slot, unpacked and in use from now on."""
        slot = self._slots.get(key)
        if slot is None:
            return None
        if isinstance(slot, bytes):
            slot = self._slots[key] = unpack_slot(key, self._rules[key[:RULE_BYTES]], slot)
            self._in_use[key] = None
        else:
            self._in_use.move_to_end(key)
        return slot

    def header(self, key: bytes) -> Header:
        """A slot's header, which puts nothing into use."""
        slot = self._slots[key]
        return header_of(slot) if isinstance(slot, bytes) else slot.header()

    def pop(self, key: bytes) -> tuple[Header, list[bytes]]:
        """Take a slot out: its header and the digests of its hits."""
        slot = self._slots.pop(key)
        self._in_use.pop(key, None)
        packed = slot if isinstance(slot, bytes) else slot.pack()
        header = header_of(packed)
        self.forget([domain.domain for domain in header.domains.values()])
        return header, packed_hits(packed)

    def name(self, slot: Slot, digest: bytes, said: MistakenDomain) -> bool:
        """Add what a hit says of its domain to a slot's names; whether it changed them."""
        is_new = digest not in slot.names.domains
        changed = slot.names.add_domain(digest, said)
        self.domains[said.domain] += int(changed and is_new)
        return changed

    def forget(self, domains: Iterable[str]) -> None:
        """One slot fewer has these domains."""
        for domain in domains:
            self.domains[domain] -= 1
            if not self.domains[domain]:
                del self.domains[domain]

    def trim(self) -> None:
        """Pack what was used longest ago, until little is in use. Slots that were got before are stale after it."""
        hits = sum(len(self._unpacked(key).tally) for key in self._in_use)
        while len(self._in_use) > MOST_IN_USE or hits > MOST_HITS_IN_USE:
            key, _ = self._in_use.popitem(last=False)
            slot = self._unpacked(key)
            hits -= len(slot.tally)
            self._slots[key] = slot.pack()

    def _unpacked(self, key: bytes) -> Slot:
        slot = self._slots[key]
        if isinstance(slot, bytes):
            raise TypeError("a slot in use is not packed")
        return slot
